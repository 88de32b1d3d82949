"""Which messages are for the bot, and what they say to it."""

import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from telegram import Message, MessageEntity

from madang.contract import Author
from madang.conversation import Said
from madang.delivery import utf16
from madang_telegram import casting
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.places import Spot, author_of, command_in, spot_of
from madang_telegram.rights import may_choose

CUT_UNITS = 3500
"""A client cuts at 4,096 units, or before a word of some length."""
MENTIONS = (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)


@dataclass(kw_only=True)
class Hearing:
    """Tell what is said to the bot from what is said near it."""

    desk: Desk

    async def hear(
        self, message: Message, *, command: bool = False, names: bool = True
    ) -> Heard | None:
        """Return what a message says to the bot, None where it is not meant or one too many.

        A `command` is for the bot by itself, and its name is left out; without `names` who is
        called by name is part of what is said.
        """
        heard = await self.understand(message, command=command, names=names)
        if heard is None or await self.too_many(message, heard.author):
            return None
        return heard

    async def understand(
        self, message: Message, *, command: bool = False, names: bool = True
    ) -> Heard | None:
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
        if not (spot.private or meant or self._free(spot)):
            return None
        called = ""
        if names and not persona:
            called, rest = casting.called(self.desk, text)
            # Who may not choose speaks of somebody, to whoever is there.
            if called and await may_choose(self.desk, spot, author.id):
                text = rest
        return Heard(
            spot=spot,
            author=author,
            message_id=message.message_id,
            text=text.strip(),
            created=message.date.timestamp(),
            persona=persona or called or answered or "",
            quoted=None if answered is not None else self._quoted(message),
            cut=is_cut(message),
            forwarded=message.forward_origin is not None,
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
            or self._is_ours(message)
            or bool(self._trigger(text)[0])
            or (author is not None and author.id == self.desk.bot.id)
            or self._free(spot)
        )

    def heard_on(self, message: Message) -> Heard | None:
        """Return a message as the rest of one that was cut off, whoever it addresses."""
        author, (text, _) = author_of(message), self._without_mentions(message)
        if author is None or not text:
            return None
        return Heard(
            spot=spot_of(message),
            author=author,
            message_id=message.message_id,
            text=text,
            created=message.date.timestamp(),
            cut=is_cut(message),
            forwarded=message.forward_origin is not None,
        )

    async def too_many(self, message: Message, author: Author) -> bool:
        """Say whether somebody writes too much; they are told once, and can always stop."""
        if command_in(message)[0] == "stop":
            return False
        count = self.desk.access.count(author.id)
        if count == "first":
            spot = spot_of(message)
            words = self.desk.texts(spot.place, author.id)("access.slower")
            await self.desk.tell(spot, words, reply_to=message.message_id)
        return count != "taken"

    def _free(self, spot: Spot) -> bool:
        """Say whether everything is answered at a place."""
        here = self.desk.conversations.options.place(spot.place)
        return here.free and here.enabled

    def _is_ours(self, message: Message) -> bool:
        name, bot = command_in(message)
        return bool(name) and bot in ("", self.desk.username)

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
        # Some systems send Hangul in pieces; what entities count is what was sent.
        said = unicodedata.normalize("NFC", units.decode("utf-16-le"))
        return said.strip(), bool(ours)

    def _is_me(self, message: Message, entity: MessageEntity) -> bool:
        if entity.type == MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == self.desk.bot.id
        parse = message.parse_entity if message.text else message.parse_caption_entity
        return parse(entity).lower() == f"@{self.desk.username}"

    def _trigger(self, text: str) -> tuple[str, str, str]:
        """Return the word at the beginning that addresses somebody, whom, and what follows."""
        for word, persona in self.desk.options.triggers.items():
            found = re.match(rf"{re.escape(word)}(?!\w)[\s,.:!~]*", text, re.IGNORECASE)
            if found:
                # A call without words is a question too.
                return word, persona, text[found.end() :] or text
        return "", "", text

    async def _answered(self, message: Message, spot: Spot) -> str | None:
        """Return the persona whose message this replies to; "" for others of the bot's.

        Those of a persona that is no more are answered by who is there.
        """
        before = message.reply_to_message
        if before is None or before.from_user is None or before.forum_topic_created:
            return None
        if before.from_user.id != self.desk.bot.id:
            return None
        found = await self.desk.conversations.messages.find(spot.place, str(before.message_id))
        there = [each.reference for each in casting.roles(self.desk, spot.place)]
        return found.turn.persona if found and found.turn.persona in there else ""

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


def _entities(message: Message) -> Iterator[MessageEntity]:
    entities = message.entities if message.text else message.caption_entities
    return (each for each in entities if each.type in MENTIONS)
