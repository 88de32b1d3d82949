"""Running a real discord.py client for as long as a test needs it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, TypeVar

from madang.testing.discord.server import DiscordServer

if TYPE_CHECKING:
    import discord

C = TypeVar("C", bound="discord.Client")


@contextlib.asynccontextmanager
async def running(client: C, server: DiscordServer, *, shards: int = 1) -> AsyncIterator[C]:
    """Log a client in, wait until it is ready, and close it at the end.

    An error that ends the client ends the block too. Make the client with a short
    `guild_ready_timeout`, or it waits two seconds for more guilds.
    """
    async with client:
        await client.login(server.token)
        connecting = asyncio.create_task(client.connect())
        ready = asyncio.create_task(client.wait_until_ready())
        await asyncio.wait({connecting, ready}, return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            ready.cancel()
            connecting.result()
        try:
            await server.gateway.online(shards)
            yield client
        finally:
            await client.close()
            await connecting
