"""Answering what people press and choose: in time, in their language, and where they did it."""

import asyncio
import contextlib
import logging
from typing import Any

import aiohttp
import discord
from discord.http import Route

from madang.conversation import Reply
from madang.delivery import Budget, Lane, Surface
from madang_discord import lanes
from madang_discord.answers import Elsewhere
from madang_discord.asking import Asked
from madang_discord.content import Content, Heading, change
from madang_discord.places import spot_of
from madang_discord.surface import ChannelSurface

_log = logging.getLogger(__name__)

TOKEN_SECONDS = 14 * 60.0
"""How long an answer is written by an interaction; Discord forgets it after 15 minutes."""
LOST = (discord.HTTPException, discord.InteractionResponded, aiohttp.ClientError, OSError)


async def acknowledge(asked: Asked, **how: Any) -> None:
    """Say in time that it was heard; an interaction that comes too late is done all the same."""
    try:
        await asked.response.defer(**how)
    except LOST as error:
        _log.info("an interaction was not acknowledged: %s", error)


async def tell(asked: Asked, text: str, **more: Any) -> None:
    """Tell somebody something that nobody else sees."""
    try:
        if asked.response.is_done():
            await asked.followup.send(text, ephemeral=True, **more)
        else:
            await asked.response.send_message(text, ephemeral=True, **more)
    except LOST as error:
        _log.info("somebody cannot be told: %s", error)


def reachable(asked: Asked) -> bool:
    """Say whether the bot itself sees the channel, and not only by this interaction."""
    return asked.is_guild_integration() and (
        asked.guild_id is None or asked.app_permissions.view_channel
    )


def way_of(asked: Asked, key: str) -> Elsewhere:
    """Return the way of an answer by an interaction; it is gone, once."""

    def way(reply: Reply) -> tuple[Lane, Surface[Content]]:
        with contextlib.suppress(KeyError):
            del asked.client.talk.answers.elsewhere[key]
        lane = Lane(Budget(spacing=lanes.PREVIEW_SECONDS))
        return lane, InteractionSurface(asked, lane.budget, reply)

    return way


class InteractionSurface(ChannelSurface):
    """Write an answer as that to an interaction; when its time is over, as any other message."""

    def __init__(self, asked: Asked, budget: Budget, reply: Reply) -> None:
        super().__init__(
            asked.client.talk.rest,
            budget,
            spot_of(reply.place).channel,
            name=reply.turn.id,
            heading=Heading(asker=asked.user.id),
        )
        self._token: dict[str, Any] = {
            "webhook_id": asked.application_id,
            "webhook_token": asked.token,
        }
        self._asker = asked.user.id
        age = (discord.utils.utcnow() - asked.created_at).total_seconds()
        self._until = asyncio.get_running_loop().time() + TOKEN_SECONDS - max(0.0, age)

    @property
    def _over(self) -> bool:
        return asyncio.get_running_loop().time() > self._until

    async def send(self, content: Content, number: int) -> str:
        """Let the first part take the place of what says that the bot is thinking."""
        if self._over:
            return await super().send(content, number)
        path = "/webhooks/{webhook_id}/{webhook_token}"
        method, path = ("POST", path) if number else ("PATCH", f"{path}/messages/@original")
        route = Route(method, path, **self._token)
        sent = await self._call(route, change(content, self._asker))
        return str(sent.data["id"])

    def _route(self, method: str, message: str) -> Route:
        if self._over:
            return super()._route(method, message)
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
        return Route(method, path, message_id=int(message), **self._token)
