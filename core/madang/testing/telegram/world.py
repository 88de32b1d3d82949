"""The world: all chats with everything in them, and what happens when somebody acts."""

import itertools
from typing import Any

from madang.testing.telegram.attachments import Shelf, Stored
from madang.testing.telegram.changes import Changes
from madang.testing.telegram.chats import Chat, Kind
from madang.testing.telegram.clicks import Click
from madang.testing.telegram.clock import Clock
from madang.testing.telegram.drafts import Drafts
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.hearing import hears
from madang.testing.telegram.members import member_payload
from madang.testing.telegram.menus import Menus
from madang.testing.telegram.messages import Message
from madang.testing.telegram.profile import Profile
from madang.testing.telegram.rich import Rich
from madang.testing.telegram.transcript import Sight, Transcript, What
from madang.testing.telegram.updates import Updates
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json

ACTION_LASTS = 5.0


class World:
    """Hold the state of the service; bots change it through methods, people through `Person`."""

    def __init__(self, bot: User, clock: Clock, *, privacy: bool, topics: bool) -> None:
        self.bot = bot
        self.clock = clock
        self.privacy = privacy
        self.rich: Rich = "shown"
        self.topics = topics
        self.changes = Changes()
        self.problems: list[str] = []
        self.updates = Updates(self.changes, self.problems)
        self.chats: dict[int, Chat] = {}
        self.shelf = Shelf()
        self.drafts = Drafts(clock, bot.first_name)
        self.menus = Menus()
        self.profile = Profile(bot.first_name)
        self.clicks: dict[str, Click] = {}
        self.actions: dict[tuple[int, int], tuple[str, float]] = {}
        self._ids = itertools.count(1)
        self._groups = itertools.count(1)

    def open_chat(self, kind: Kind, title: str, **more: Any) -> Chat:
        """Make a chat; supergroups and channels number their own messages."""
        own = kind in ("supergroup", "channel")
        ids = itertools.count(1) if own else self._ids
        person: User | None = more.get("person")
        number = next(self._groups)
        identity = -(10**12) - number if own else -number
        chat = Chat(
            id=person.id if person else identity,
            kind=kind,
            title=title,
            transcript=Transcript(self.changes),
            next_id=lambda: next(ids),
            **more,
        )
        self.chats[chat.id] = chat
        return chat

    def post(self, chat: Chat, sender: User, content: Styled, **more: Any) -> Message:
        """Put a message into a chat, where everybody sees it."""
        message = Message(
            id=chat.next_id(),
            chat=chat,
            sender=sender,
            at=self.clock.now(),
            content=content,
            **more,
        )
        chat.messages[message.id] = message
        if message.service and "forum_topic_created" in message.service:
            message.thread = message.id
        if sender.id == self.bot.id:
            self.drafts.finish(chat, message.thread)
            self.actions.pop((chat.id, message.thread), None)
        self._see("service" if message.service else "message", message)
        self.tell("channel_post" if chat.kind == "channel" else "message", message)
        return message

    def change(
        self, message: Message, content: Styled, markup: Json | None, rich: str = ""
    ) -> None:
        """Replace what a message shows."""
        message.content, message.markup, message.rich = content, markup, rich
        message.edited_at = self.clock.now()
        self._see("edit", message)
        kind = "edited_channel_post" if message.chat.kind == "channel" else "edited_message"
        self.tell(kind, message)

    def remove(self, message: Message) -> None:
        """Take a message away from everybody; bots are not told."""
        message.deleted = True
        self._see("delete", message)

    def tell(self, kind: str, message: Message) -> None:
        """Tell the bot of a message of somebody else, if it hears it."""
        if message.sender.id != self.bot.id and hears(self.bot, message, privacy=self.privacy):
            self.updates.add(kind, message.payload())

    def move_bot(self, chat: Chat, actor: User, status: str) -> None:
        """Change the bot's standing in a chat and tell it."""
        before = chat.status_of(self.bot)
        chat.statuses[self.bot.id] = status
        self.note(chat, f"{self.bot.first_name}: {before} → {status}")
        body: Json = {
            "chat": chat.payload(),
            "from": actor.payload(),
            "date": int(self.clock.now()),
            "old_chat_member": member_payload(self.bot, before),
            "new_chat_member": member_payload(self.bot, status),
        }
        self.updates.add("my_chat_member", body)

    def note(self, chat: Chat, text: str, what: What = "service", **more: Any) -> None:
        """Record something in a transcript that is no message."""
        by_bot = what in ("action", "toast")
        sight = Sight(what, self.clock.now(), 0, "", by_bot, content=Styled(text), **more)
        chat.transcript.add(sight)

    def action_in(self, chat: Chat, thread: int = 0) -> str:
        """Return what the bot is seen doing, such as `typing`; it lasts five seconds."""
        name, until = self.actions.get((chat.id, thread), ("", 0.0))
        return name if self.clock.now() < until else ""

    def _see(self, what: What, message: Message) -> None:
        shown = what in ("message", "edit")
        service = ", ".join(message.service or {})
        sight = Sight(
            what,
            self.clock.now(),
            message.id,
            message.sender.first_name,
            message.sender.id == self.bot.id,
            content=message.content if shown else Styled(service),
            rich=message.rich if shown else "",
            thread=message.thread,
            file=_file_name(message.stored) if shown else "",
            reply_to=message.reply_to.id if shown and message.reply_to else 0,
            buttons=message.buttons if shown else (),
        )
        message.chat.transcript.add(sight)


def _file_name(stored: Stored | None) -> str:
    return stored.attachment.name if stored else ""


def sender_origin(user: User, at: float) -> Json:
    """Return where a forwarded message comes from."""
    return {"type": "user", "date": int(at), "sender_user": user.payload()}
