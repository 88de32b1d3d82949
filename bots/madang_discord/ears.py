"""The connection over which the bot hears; it may fail and be replaced while answers go on."""

import logging
from typing import Any

import discord

from madang.errors import MadangError
from madang_discord.catching_up import CatchingUp
from madang_discord.health import Health
from madang_discord.hearing import Hearing
from madang_discord.housekeeping import Housekeeping
from madang_discord.places import channel_place, dm_place, guild_place, thread_place
from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 60.0

Deletion = discord.RawMessageDeleteEvent | discord.RawBulkMessageDeleteEvent


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
        self.health = Health(self)

    async def setup_hook(self) -> None:
        """Let every feature add what it has."""
        for feature in self.talk.features:
            await feature.attach(self)

    async def on_shard_ready(self, shard: int) -> None:
        """Begin a new session: what was said since the last one was not told."""
        self.health.came(shard)
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
        self.health.came(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        """Note that a shard is there again; Discord repeats what it missed."""
        self.health.came(shard)

    async def on_shard_disconnect(self, shard: int) -> None:
        """Note that a shard is away."""
        self.health.went(shard)

    async def on_ready(self) -> None:
        """Find out what was left, joined or deleted while nobody listened."""
        await Housekeeping.of(self.talk).compare(self)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Hear that the bot was added to a server."""
        await Housekeeping.of(self.talk).joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Hear that the bot was removed from a server."""
        await Housekeeping.of(self.talk).left(guild.id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Hear that a channel was deleted, or is hidden from now on."""
        place = channel_place(channel.guild.id, channel.id)
        await Housekeeping.of(self.talk).gone(self, channel.id, place)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Hear that a thread was deleted."""
        place = thread_place(event.guild_id, event.parent_id, event.thread_id)
        await Housekeeping.of(self.talk).end(place)

    async def on_interaction(self, asked: "discord.Interaction[Ears]") -> None:
        """Hear that a dialogue was sent: what discord.py knows of it ends with the connection."""
        if asked.type is discord.InteractionType.modal_submit:
            for feature in self.talk.features:
                await feature.submitted(asked)

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
        await self._deleted(event, event.message_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Hear that many messages were deleted."""
        await self._deleted(event, *sorted(event.message_ids))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what an event raised; the connection goes on."""
        if self.is_closed():
            _log.info("%s was cut off by the end of the connection", event_method)
        else:
            _log.exception("%s failed", event_method)

    async def _deleted(self, event: Deletion, *messages: int) -> None:
        place = guild_place(event.guild_id) if event.guild_id else dm_place(event.channel_id)
        for message in messages:
            await self._hearing.deleted(place, event.channel_id, message)

    def _of(self, shard: int) -> list[discord.Guild]:
        return [guild for guild in self.guilds if guild.shard_id == shard]


def intents(*, reads: bool) -> discord.Intents:
    """Return what the bot needs to be told; `reads` where it may read every message."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = reads
    return wanted
