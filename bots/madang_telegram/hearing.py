"""Which messages are for the bot, and what they say to it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from telegram import Message, MessageEntity

from madang.contract import Author
from madang.conversation import Said
from madang.delivery import utf16
from madang_telegram import casting
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.places import Spot, author_of, spot_of

CUT_UNITS = 3500
"""A client cuts at 4,096 units, or before a word of some length."""
MENTIONS = (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)


@dataclass(kw_only=True)
class Hearing:
    """Tell what is said to the bot from what is said near it."""

    desk: Desk

    async def hear(self, message: Message, *, command: bool = False) -> Heard | None:
        """Return what a message says to the bot, None where it is not meant or one too many.

        A `command` is for the bot by itself, and its name is left out.
        """
        heard = await self.understand(message, command=command)
        if heard is None or await self.too_many(message, heard.author):
            return None
        return heard

    async def understand(self, message: Message, *, command: bool = False) -> Heard | None:
        """Return what a message says to the bot, however much its author writes."""
        author, spot = author_of(message), spot_of(message)
        if author is None or message.is_automatic_forward or self._late(message, spot):
            return None
        self.desk.languages.hear(spot.place, author.id, message.from_user)
        text, mentioned = self._without_mentions(message)
        word, persona, text = self._trigger(text)
        if command:
            text = [*re.split(r"\s+", text, maxsplit=1), ""][1]
        answered = await self._answered(message, spot)
        meant = command or mentioned or bool(word) or answered is not None
        if not (spot.private or meant or self.desk.conversations.options.place(spot.place).free):
            return None
        called, text = ("", text) if persona else casting.called(self.desk, text)
        return Heard(
            spot=spot,
            author=author,
            message_id=message.message_id,
            text=text.strip(),
            created=message.date.timestamp(),
            persona=persona or called or answered or "",
            quoted=None if answered is not None else self._quoted(message),
            cut=is_cut(message),
            about=message if message.document else message.reply_to_message,
        )

    def may_hear(self, message: Message) -> bool:
        """Say, without looking anything up, whether a message may be for the bot."""
        spot, before = spot_of(message), message.reply_to_message
        author = before.from_user if before else None
        text, mentioned = self._without_mentions(message)
        user = message.from_user.id if message.from_user else 0
        if message.migrate_to_chat_id or message.migrate_from_chat_id:
            return True
        return self.desk.access.admits(user, spot.chat) and (
            spot.private
            or mentioned
            or text.startswith("/")
            or bool(self._trigger(text)[0])
            or (author is not None and author.id == self.desk.bot.id)
            or self.desk.conversations.options.place(spot.place).free
        )

    def heard_on(self, message: Message) -> Heard | None:
        """Return a message as the rest of one that was cut off, whoever it addresses."""
        author = author_of(message)
        if author is None or not message.text:
            return None
        return Heard(
            spot=spot_of(message),
            author=author,
            message_id=message.message_id,
            text=message.text,
            created=message.date.timestamp(),
            cut=is_cut(message),
        )

    async def too_many(self, message: Message, author: Author) -> bool:
        """Say whether somebody writes too much; they are told once, and can always stop."""
        excess = 0 if _stops(message) else self.desk.access.excess(author.id)
        if excess == 1:
            spot = spot_of(message)
            words = self.desk.texts(spot.place, author.id)("access.slower")
            await self.desk.tell(spot, words, reply_to=message.message_id)
        return excess > 0

    def _late(self, message: Message, spot: Spot) -> bool:
        """Say whether a group has long gone on; in private somebody still waits."""
        said = (message.edit_date or message.date).timestamp()
        return not spot.private and time.time() - said > 60 * self.desk.options.catch_up_minutes

    def _without_mentions(self, message: Message) -> tuple[str, bool]:
        """Return the text without mentions of the bot, and whether there were any."""
        text = message.text or message.caption or ""
        ours = [each for each in _entities(message) if self._is_me(message, each)]
        units = text.encode("utf-16-le")
        for entity in sorted(ours, key=lambda each: each.offset, reverse=True):
            start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
            units = units[:start] + units[end:]
        return units.decode("utf-16-le").strip(), bool(ours)

    def _is_me(self, message: Message, entity: MessageEntity) -> bool:
        if entity.type == MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == self.desk.bot.id
        parse = message.parse_entity if message.text else message.parse_caption_entity
        return parse(entity).lower() == f"@{self.desk.bot.username}".lower()

    def _trigger(self, text: str) -> tuple[str, str, str]:
        """Return the word at the beginning that addresses somebody, whom, and what follows."""
        for word, persona in self.desk.options.triggers.items():
            found = re.match(rf"{re.escape(word)}(?!\w)[\s,.:!~]*", text, re.IGNORECASE)
            if found:
                # A call without words is a question too.
                return word, persona, text[found.end() :] or text
        return "", "", text

    async def _answered(self, message: Message, spot: Spot) -> str | None:
        """Return the persona whose message this replies to; "" for others of the bot's."""
        before = message.reply_to_message
        if before is None or before.from_user is None or before.forum_topic_created:
            return None
        if before.from_user.id != self.desk.bot.id:
            return None
        found = await self.desk.conversations.messages.find(spot.place, str(before.message_id))
        return found.turn.persona if found else ""

    def _quoted(self, message: Message) -> Said | None:
        """Return what somebody else said that a question in a group replies to."""
        before = message.reply_to_message
        author: Author | None = author_of(before) if before else None
        text = (before.text or before.caption or "") if before else ""
        if before is None or author is None or not text:
            return None
        return Said(
            author=author,
            text=text,
            message_id=str(before.message_id),
            created=before.date.timestamp(),
        )


def is_cut(message: Message) -> bool:
    """Say whether a client may have cut a message off."""
    return utf16(message.text or "") >= CUT_UNITS


def _stops(message: Message) -> bool:
    return (message.text or "").startswith("/stop")


def _entities(message: Message) -> Iterator[MessageEntity]:
    entities = message.entities if message.text else message.caption_entities
    return (each for each in entities if each.type in MENTIONS)
