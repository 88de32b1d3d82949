"""What was said while nobody listened: not too old, not too much, and not what is known."""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import discord

from madang.errors import MadangError
from madang_discord.forgotten import kept
from madang_discord.hearing import Hearing
from madang_discord.places import BOT, spot_of
from madang_discord.reading import around, question_of
from madang_discord.rest import LOST, again
from madang_discord.talk import Talk

if TYPE_CHECKING:
    from madang_discord.ears import Ears

_log = logging.getLogger(__name__)

MOST_CHANNELS = 100
MOST_MESSAGES = 50
EPOCH_MS = discord.utils.DISCORD_EPOCH

Shared = discord.TextChannel | discord.VoiceChannel | discord.Thread


@dataclass(frozen=True, kw_only=True)
class CatchingUp:
    """Read back what was missed, of which only the last `catch_up_minutes` count."""

    talk: Talk
    hearing: Hearing

    async def servers(
        self, client: "Ears", guilds: Sequence[discord.Guild], *, direct: bool
    ) -> None:
        """Hear what was missed on servers, and in direct messages where these are wanted."""
        since = self._since()
        busy = [each for guild in guilds for each in _channels(guild) if _last(each) > since]
        busy.sort(key=_last, reverse=True)
        for channel in busy[:MOST_CHANNELS]:
            await self._channel(channel, since)
        if direct:
            async for private in self._direct(client):
                await self._channel(private, since)

    def _since(self) -> int:
        """Return the id before which nothing counts; ids are times."""
        before = time.time() - self.talk.options.catch_up_minutes * 60
        return (int(before * 1000) - EPOCH_MS) << 22

    async def _direct(self, client: "Ears") -> AsyncIterator[discord.DMChannel]:
        """Look up the direct messages that the bot knows of; Discord does not list them."""
        if not self.talk.options.catch_up_minutes:
            return
        places = await self.talk.yard.store.places(BOT.key)
        spots = [spot_of(place) for place in places]
        # Where was talked last is heard first.
        for spot in [each for each in spots[::-1] if each.kind == "dm"][:MOST_CHANNELS]:
            await self.talk.rest.room()
            try:
                channel = await again(partial(client.fetch_channel, spot.channel))
            except LOST as error:
                _log.info("direct messages %d cannot be read: %s", spot.channel, error)
                continue
            if isinstance(channel, discord.DMChannel):
                yield channel

    async def _channel(self, channel: Shared | discord.DMChannel, since: int) -> None:
        if self.talk.closing:
            return
        await self.talk.rest.room()
        after = discord.Object(since)

        async def read() -> list[discord.Message]:
            # By itself discord.py begins at `after`, and leaves out what was said last.
            newest = channel.history(limit=MOST_MESSAGES, after=after, oldest_first=False)
            return [each async for each in newest]

        try:
            past = (await again(read))[::-1]
        except LOST as error:
            _log.info("what was missed in %d cannot be read: %s", channel.id, error)
            return
        answered = {question_of(each) for each in past if self.talk.wrote(each)}
        for message in kept(self.talk, past):
            if message.id not in answered and not await self._known(message):
                await self.hearing.message(message)

    async def _known(self, message: discord.Message) -> bool:
        try:
            found = await self.talk.conversations.messages.find(around(message), str(message.id))
        except MadangError:
            return True
        return found is not None


def _channels(guild: discord.Guild) -> list[Shared]:
    return [*guild.text_channels, *guild.voice_channels, *guild.threads]


def _last(channel: Shared) -> int:
    return channel.last_message_id or 0
