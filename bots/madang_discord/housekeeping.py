"""What happens to the data of servers that removed the bot, and of channels that are deleted.

Only a server of which the bot was a member can remove it. People who installed it for themselves
ask on other servers too: what they said there is kept as anything else is.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import discord
from msgspec import UNSET

from madang.contract import Place
from madang.errors import MadangError
from madang_discord.features import Feature
from madang_discord.places import BOT, channel_place, guild_place, thread_place
from madang_discord.rest import LOST, again
from madang_discord.standing import Standing

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

DAY = 86400.0
LOOK_SECONDS = 3600.0
"""How often it is looked whether the grace of a server has ended."""
MEMBER = "member/"
"""The notes of which servers the bot was a member, when it last looked."""


class Housekeeping(Feature):
    """Mark what was left, take the mark off where the bot is back, and delete after the grace."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._looking: asyncio.Task[None] | None = None
        self._standing = Standing()

    async def ready(self, client: "Ears") -> None:
        """Begin to look after what was left."""
        for guild in client.guilds:
            self._standing.look(guild)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Look after nothing any more."""
        if self._looking is not None:
            self._looking.cancel()

    async def joined(self, guild: discord.Guild) -> None:
        """Keep the data of a server where the bot is, perhaps again."""
        self._standing.look(guild)
        await self._remember([guild])
        await self._return(guild.id)

    async def left(self, server: int) -> None:
        """Begin the grace of a server that removed the bot."""
        options, place = self.talk.conversations.options, guild_place(server)
        if options.said(place).left is UNSET:
            grace = self.talk.options.left_days
            _log.info("server %d was left; its data are kept for %g days", server, grace)
            await options.set(place, "left", time.time())
        await self.tidy()

    async def gone(self, client: "Ears", channel: int, place: Place) -> None:
        """Delete what belongs to a channel or thread that is gone; one only hidden is kept."""
        await self.talk.rest.room()
        try:
            await again(partial(client.fetch_channel, channel))
        except discord.NotFound:
            await self.end(place)
        except (*LOST, discord.InvalidData) as error:
            _log.info("channel %d is kept: %s", channel, error)

    async def end(self, place: Place) -> None:
        """Delete what belongs to a place."""
        removed = await self.talk.conversations.end(place)
        _log.info("deleted %d turns at %s", removed.turns, place.key)

    async def compare(self, client: "Ears") -> None:
        """Find out what was left, joined or deleted while the bot was away."""
        try:
            await self._compare(client)
        except MadangError as error:
            _log.warning("what was left meanwhile is looked at later: %s", error)

    async def tidy(self) -> None:
        """Delete what belongs to servers whose grace has ended."""
        options, now = self.talk.conversations.options, time.time()
        await options.refresh()
        for place, said in options.below(BOT).items():
            if said.left is not UNSET and now - said.left >= self.talk.options.left_days * DAY:
                await self.end(place)
                await self.talk.yard.store.let_go(BOT.key, f"{MEMBER}{place.key.split('/')[1]}")

    async def _look(self) -> None:
        while not self.talk.closing:
            try:
                # A note is kept no longer than anything else.
                await self._remember(self.talk.client.guilds if self.talk.client else ())
                await self.tidy()
            except MadangError as error:
                _log.warning("servers that were left are kept for now: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _compare(self, client: "Ears") -> None:
        options = self.talk.conversations.options
        await options.refresh()
        for server in await self._members():
            if client.get_guild(server) is None:
                await self.left(server)
            elif options.said(guild_place(server)).left is not UNSET:
                await self._return(server)
        await self._remember(client.guilds)
        places = {*await self.talk.yard.store.places(BOT.key), *options.below(BOT)}
        for server, inner in sorted(_channels(places)):
            guild = client.get_guild(server)
            if guild is not None and not guild.unavailable:
                await self._compare_channel(client, guild, inner)

    async def _compare_channel(
        self, client: "Ears", guild: discord.Guild, inner: tuple[int, ...]
    ) -> None:
        """Look for a channel, or for a thread of a channel that is there."""
        channel, *thread = inner
        if guild.get_channel(channel) is None:
            if not thread:
                await self.gone(client, channel, channel_place(guild.id, channel))
        elif thread and guild.get_thread(thread[0]) is None:
            # It may be archived.
            await self.gone(client, thread[0], thread_place(guild.id, channel, thread[0]))

    async def _members(self) -> set[int]:
        """Return the servers of which the bot was a member."""
        return {int(key[len(MEMBER) :]) for key in await self.talk.yard.store.kept(BOT.key, MEMBER)}

    async def _remember(self, guilds: Sequence[discord.Guild]) -> None:
        """Note servers of which the bot is a member."""
        for server in {guild.id for guild in guilds} - await self._members():
            await self.talk.yard.store.keep(BOT.key, f"{MEMBER}{server}", "")

    async def _return(self, server: int) -> None:
        options, place = self.talk.conversations.options, guild_place(server)
        await options.refresh()
        if options.said(place).left is not UNSET:
            _log.info("server %d is back", server)
            await options.unset(place, "left")


def _channels(places: set[Place]) -> set[tuple[int, tuple[int, ...]]]:
    """Return the server and the channel that each place lies in, and its thread if that is one."""
    found = set[tuple[int, tuple[int, ...]]]()
    for place in places:
        server, *inner = place.key.split("/")[1:4]
        numbers = tuple(int(each) for each in inner if each.isdecimal())
        if server.isdecimal() and numbers:
            found |= {(int(server), numbers[:1]), (int(server), numbers)}
    return found
