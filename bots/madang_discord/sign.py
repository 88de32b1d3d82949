"""The sign that the bot is writing, from when a question was heard until there is a message."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import discord
from discord.http import Route

from madang.delivery import Gone, TooFast
from madang_discord.recent import Recent
from madang_discord.rest import Hiccup, Rest

if TYPE_CHECKING:
    from discord.abc import MessageableChannel

_log = logging.getLogger(__name__)

SPACING = 5.0
"""The least seconds between two signs in one channel; one is seen for ten, or until a message."""
PATIENCE = 1.0
"""For how many seconds a sign waits for room beside other calls; then it comes too late."""
MOST_KNOWN = 1024


class Sign:
    """Show that the bot is writing; nothing waits for it, and without room it is left out."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._given: Recent[int, float] = Recent(MOST_KNOWN)
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, channel: "MessageableChannel") -> None:
        """Show it in a channel, where that can be written to and it is not shown already."""
        now = time.monotonic()
        if now - self._given.get(channel.id, now - SPACING) < SPACING or not _may_write(channel):
            return
        self._given[channel.id] = now
        task = asyncio.create_task(self._call(channel.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, channel: int) -> None:
        route = Route("POST", "/channels/{channel_id}/typing", channel_id=channel)
        try:
            await self._rest.spare(route, seconds=PATIENCE)
        except (Gone, Hiccup, TooFast) as error:
            _log.debug("no sign of writing in channel %d: %s", channel, error)


def _may_write(channel: "MessageableChannel") -> bool:
    """Say whether the bot may write there, as far as it was told: a refusal would count as bad."""
    guild = getattr(channel, "guild", None)
    if guild is None or isinstance(channel, discord.PartialMessageable | discord.DMChannel):
        return isinstance(channel, discord.DMChannel)
    given = channel.permissions_for(guild.me)
    if isinstance(channel, discord.Thread):
        return given.view_channel and given.send_messages_in_threads
    return given.view_channel and given.send_messages
