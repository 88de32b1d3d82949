"""Where people talk: a chat, or a topic of it, as the conversations name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.contract import Author, Place

if TYPE_CHECKING:
    from telegram import CallbackQuery, Chat, Message, User

BOT = "telegram"
COMMAND = "bot_command"
"""The kind of entity that a command is."""


@dataclass(frozen=True)
class Spot:
    """Name a chat and the topic in it, 0 for none."""

    chat: int
    topic: int = 0

    @property
    def place(self) -> Place:
        """Return the place: settings of a chat hold for its topics."""
        topic = f"/{self.topic}" if self.topic else ""
        return Place(f"{BOT}/{self.chat}{topic}")

    @property
    def private(self) -> bool:
        """Say whether one person talks here: only their chats have positive ids."""
        return self.chat > 0

    @property
    def thread(self) -> int | None:
        """Return the topic as the Bot API takes it."""
        return self.topic or None

    @classmethod
    def of(cls, place: Place) -> "Spot":
        """Read a place."""
        _, chat, *topic = place.key.split("/")
        return cls(int(chat), int(topic[0]) if topic else 0)


def spot_of(message: "Message") -> Spot:
    """Return where a message was sent; a thread of replies outside of topics is none."""
    topic = message.message_thread_id if message.is_topic_message else 0
    return Spot(message.chat_id, topic or 0)


def spot_of_query(query: "CallbackQuery") -> Spot:
    """Return where a button was pressed; the topic of a message that is too old is not known."""
    message = query.message
    if message is None:
        return Spot(query.from_user.id)
    # Messages that Telegram does not give any more have no topic.
    topic = getattr(message, "is_topic_message", None) and getattr(message, "message_thread_id", 0)
    return Spot(message.chat.id, topic or 0)


def command_in(message: "Message") -> tuple[str, str]:
    """Return the command with which a text or caption begins, and the bot that it names.

    Both are empty where there is none.
    """
    entities = message.entities if message.text else message.caption_entities
    first = next((each for each in entities if not each.offset), None)
    if first is None or first.type != COMMAND:
        return "", ""
    parse = message.parse_entity if message.text else message.parse_caption_entity
    name, _, bot = parse(first)[1:].lower().partition("@")
    return name, bot


def number_of(person: str) -> int:
    """Return the number that Telegram gives a person, or a group that speaks."""
    return int(person.partition(":")[2])


def author_by(number: int) -> str:
    """Return the id of a person, or of a group that speaks, by the number that Telegram gives."""
    return f"{BOT}:{number}"


def author_of(message: "Message") -> Author | None:
    """Return who sent a message, None for bots; a group or a channel may speak for its admins."""
    if message.sender_chat:
        return author_in_chat(message.sender_chat)
    user = message.from_user
    return None if user is None or user.is_bot else author_as(user)


def author_as(user: "User") -> Author:
    """Return a person as an author."""
    return Author(id=f"{BOT}:{user.id}", name=user.full_name)


def author_in_chat(chat: "Chat") -> Author:
    """Return a group or a channel as an author."""
    return Author(id=f"{BOT}:{chat.id}", name=chat.title or chat.full_name or str(chat.id))
