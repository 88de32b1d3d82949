"""The stand-in, a guild with a channel and a person in it, and discord.py's own HTTP client."""

from collections.abc import AsyncIterator

import discord
import pytest_asyncio
from tests.core.testing.discord.scene import Scene

from madang.testing.discord import Rules, open_discord


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_discord(Rules().scaled(0.05)) as server:
        yield Scene(server)


@pytest_asyncio.fixture
async def client(scene: Scene) -> AsyncIterator[discord.Client]:
    """Return a client that is logged in and hears nothing."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(scene.server.token)
        yield client
