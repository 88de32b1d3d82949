"""The connection over which the bot hears; it may fail and be replaced while answers go on."""

import logging
import time
from typing import Any

import discord

from madang.contract import Place
from madang.errors import MadangError
from madang_discord.catching_up import CatchingUp
from madang_discord.hearing import Hearing
from madang_discord.places import channel_place, dm_place, thread_place
from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 60.0
DEAF_SECONDS = 120.0
"""How long a connection may be away, or its heart may lag, before a new one is made."""


class Ears(discord.AutoShardedClient):
    """Hear what Discord tells, as far as the bot needs it."""

    def __init__(self, talk: Talk, hearing: Hearing, **options: Any) -> None:
        presence = talk.options.presence
        super().__init__(
            intents=intents(reads=talk.reads),
            shard_count=talk.options.shards or None,
            activity=discord.CustomActivity(presence) if presence else None,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            heartbeat_timeout=HEARTBEAT_SECONDS,
            **options,
        )
        self.talk = talk
        self._hearing = hearing
        self._catching_up = CatchingUp(talk=talk, hearing=hearing)
        self._up: set[int | None] = set()
        self._away_since: float | None = time.monotonic()

    async def setup_hook(self) -> None:
        """Let every feature add what it has."""
        for feature in self.talk.features:
            await feature.attach(self)

    def why_deaf(self) -> str:
        """Say why nothing is heard now; empty when all is well."""
        if self._away_since is not None:
            return f"There has been no connection for {time.monotonic() - self._away_since:.0f} s."
        slow = [f"{number}: {seconds:.0f} s" for number, seconds in self.latencies if seconds > 30]
        return f"The heart lags ({', '.join(slow)})." if slow else ""

    @property
    def given_up(self) -> bool:
        """Say that this connection will not come back by itself."""
        if self._away_since is not None:
            # It has no heart to measure now, and may be about to resume.
            return time.monotonic() - self._away_since > DEAF_SECONDS
        return any(seconds > DEAF_SECONDS for _, seconds in self.latencies)

    # --- what discord.py tells --------------------------------------------------------------

    async def on_shard_ready(self, shard: int) -> None:
        """Begin a new session: what was said since the last one was not told."""
        self._came(shard)
        _log.info("shard %d hears %d servers", shard, len(self._of(shard)))
        self.talk.client = self
        for feature in self.talk.features:
            try:
                await feature.ready(self)
            except MadangError as error:
                _log.warning("%s is not ready: %s", type(feature).__name__, error)
            except Exception:  # noqa: BLE001 - what one lacks is no reason to leave out the others
                _log.exception("%s is not ready", type(feature).__name__)
        await self._catching_up.servers(self, self._of(shard), direct=shard == 0)

    async def on_shard_connect(self, shard: int) -> None:
        """Note that a shard is there."""
        self._came(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        """Note that a shard is there again; Discord repeats what it missed."""
        self._came(shard)

    async def on_shard_disconnect(self, shard: int) -> None:
        """Note that a shard is away."""
        self._up.discard(shard)
        self._away_since = self._away_since or time.monotonic()

    async def on_message(self, message: discord.Message) -> None:
        """Hear a message."""
        await self._hearing.message(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Hear that a person changed a message; a preview of a link is no change."""
        before, after = event.cached_message, event.message
        if after.edited_at is None or (before is not None and before.content == after.content):
            return
        await self._hearing.edited(after)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Hear that a message was deleted."""
        place = self._around(event.guild_id, event.channel_id)
        await self._hearing.deleted(place, event.message_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Hear that many messages were deleted."""
        place = self._around(event.guild_id, event.channel_id)
        for message in sorted(event.message_ids):
            await self._hearing.deleted(place, message)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what an event raised; the connection goes on."""
        if self.is_closed():
            _log.info("%s was cut off by the end of the connection", event_method)
        else:
            _log.exception("%s failed", event_method)

    # --- inside -----------------------------------------------------------------------------

    def _came(self, shard: int) -> None:
        self._up.add(shard)
        if len(self._up) >= (self.shard_count or 1):
            self._away_since = None

    def _of(self, shard: int) -> list[discord.Guild]:
        return [guild for guild in self.guilds if guild.shard_id == shard]

    def _around(self, guild: int | None, channel: int) -> Place:
        if guild is None:
            return dm_place(channel)
        found = self.get_channel(channel)
        if isinstance(found, discord.Thread):
            return thread_place(guild, found.parent_id, channel)
        return channel_place(guild, channel)


def intents(*, reads: bool) -> discord.Intents:
    """Return what the bot needs to be told; `reads` where it may read every message."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = reads
    return wanted
