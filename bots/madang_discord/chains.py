"""What was said before a message, found again: in the store, and else on Discord itself."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from madang.contract import Found, Place, Turn
from madang.conversation import Said
from madang.errors import MadangError
from madang_discord.forgotten import kept
from madang_discord.places import channel_place
from madang_discord.reading import (
    answer_of,
    around,
    is_spoken,
    question_of,
    said_of,
    words_of,
)
from madang_discord.talk import Talk
from madang_discord.webhooks import fitting

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Look up what a message follows on, never more than the options allow."""

    talk: Talk

    async def replied_to(self, message: discord.Message) -> discord.Message | None:
        """Return the message that another one replies to or answers, if it is still there."""
        reference = message.reference
        if reference is None or reference.message_id is None:
            asked = question_of(message) if self.talk.wrote(message) else 0
            return await self._fetched(message.channel, asked) if asked else None
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        if isinstance(reference.resolved, discord.DeletedReferencedMessage):
            return None
        cached = reference.cached_message
        return cached or await self._fetched(message.channel, reference.message_id)

    async def found(self, message: discord.Message) -> Found | None:
        """Return the turn that a message in a channel shows, if the store knows it."""
        if message.guild is None:
            return None
        place = channel_place(message.guild.id, message.channel.id)
        return await self.talk.conversations.messages.find(place, str(message.id))

    def speaker(self, message: discord.Message) -> str:
        """Return the persona under whose name a message was written, empty for all others."""
        if not message.webhook_id or not self.talk.wrote(message):
            return ""
        for info in self.talk.yard.personas(around(message)):
            if message.author.name in {fitting(each.title) for each in info.persona.texts.values()}:
                return info.persona.name
        return ""

    async def before(self, message: discord.Message, place: Place) -> Sequence[Said]:
        """Return the chain of replies above a message, oldest first."""
        above: list[Said] = []
        current = await self.replied_to(message)
        while current is not None and len(above) < self.talk.options.history_messages:
            known = await self.found(current)
            if known is not None:
                above += await self._ancestors(known.turn)
                break
            read = bool(kept(self.talk, [current]))
            above += [said] if read and (said := await self._said(current, place)) else []
            current = await self.replied_to(current)
        return above[: self.talk.options.history_messages][::-1]

    async def thread(self, message: discord.Message, place: Place) -> Sequence[Said]:
        """Return what was said in a thread before a message, oldest first."""
        limit = self.talk.options.history_messages
        if not limit or not isinstance(message.channel, discord.Thread):
            return []
        try:
            past = [each async for each in message.channel.history(limit=limit, before=message)]
        except discord.HTTPException as error:
            _log.info("the past of %s cannot be read: %s", place.key, error)
            return []
        if past and past[-1].type is discord.MessageType.thread_starter_message:
            start = await self.replied_to(past[-1])
            past[-1:] = [start] if start else []
        said = [await self._said(each, place) for each in kept(self.talk, past[::-1])]
        return [each for each in said if each]

    async def _ancestors(self, turn: Turn) -> list[Said]:
        """Return a turn and what it follows on, newest first, as the store has it."""
        found: list[Said] = []
        current: Turn | None = turn
        while current is not None and len(found) < self.talk.options.history_messages:
            found.append(_again(current))
            current = await self.talk.yard.store.turn(current.parent or "")
        return found

    async def _said(self, message: discord.Message, place: Place) -> Said | None:
        if not is_spoken(message):
            return None
        if not self.talk.wrote(message):
            text = words_of(message, self.talk.me.id)
            return said_of(message, text) if text else None
        persona, text = self.speaker(message) or await self._persona(place), answer_of(message)
        return said_of(message, text, persona) if text and persona else None

    async def _persona(self, place: Place) -> str:
        try:
            return (await self.talk.conversations.current(place)).reference
        except MadangError:
            return ""

    async def _fetched(
        self, channel: discord.abc.Messageable, message: int
    ) -> discord.Message | None:
        try:
            return await channel.fetch_message(message)
        except discord.HTTPException as error:
            _log.info("message %d cannot be read: %s", message, error)
            return None


def _again(turn: Turn) -> Said:
    return Said(
        author=turn.author,
        text=turn.raw,
        message_id=turn.message_ids[0] if turn.message_ids else "",
        created=turn.created,
        persona=turn.persona if turn.role == "persona" else "",
    )
