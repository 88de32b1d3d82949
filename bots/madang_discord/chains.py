"""What was said before a message, found again: in the store, and else on Discord itself."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import discord

from madang.contract import Found, Place, Turn
from madang.conversation import Said
from madang.errors import MadangError
from madang_discord.forgotten import kept
from madang_discord.places import spot_of
from madang_discord.reading import (
    answer_of,
    around,
    is_spoken,
    question_of,
    replied,
    said_of,
    words_of,
)
from madang_discord.rest import LOST, again
from madang_discord.talk import Talk
from madang_discord.webhooks import fitting

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Look up what a message follows on, never more than the options allow."""

    talk: Talk

    async def replied_to(self, message: discord.Message) -> discord.Message | None:
        """Return the message that another one replies to or answers, if it is still there."""
        above, reference = replied(message), message.reference
        if above and reference is not None:
            if isinstance(reference.resolved, discord.Message):
                return reference.resolved
            if isinstance(reference.resolved, discord.DeletedReferencedMessage):
                return None
            if reference.cached_message is not None:
                return reference.cached_message
        elif self.talk.wrote(message):
            above = question_of(message)
        return await self._fetched(message.channel, above) if above else None

    async def found(self, message: discord.Message, wanted: int) -> Found | None:
        """Return what a message shows in the channel or thread of another one."""
        found = await self.talk.yard.store.find(around(message), str(wanted))
        here = message.channel.id
        # A thread below a channel may know the message with which it was begun.
        return next((e for e in found if spot_of(e.conversation.place).channel == here), None)

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
            if current.channel.id != message.channel.id:
                break
            known = await self.found(current, current.id)
            if known is not None:
                above += await self._ancestors(known)
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
        channel = message.channel

        async def read() -> list[discord.Message]:
            return [each async for each in channel.history(limit=limit, before=message)]

        try:
            past = await again(read)
        except LOST as error:
            _log.info("the past of %s cannot be read: %s", place.key, error)
            return []
        if past and past[-1].type is discord.MessageType.thread_starter_message:
            start = await self.replied_to(past[-1])
            past[-1:] = [start] if start else []
        said = [await self._said(each, place) for each in kept(self.talk, past[::-1])]
        return [each for each in said if each]

    async def _ancestors(self, known: Found) -> list[Said]:
        """Return a turn and what it follows on, newest first, as the store has it.

        Of a conversation that was reset it is nothing.
        """
        found: list[Said] = []
        now = await self.talk.yard.store.begun(known.conversation.place)
        current: Turn | None = known.turn if now and now.id == known.conversation.id else None
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
            return await again(partial(channel.fetch_message, message))
        except LOST as error:
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
