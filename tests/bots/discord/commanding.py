"""The commands of these tests, and what people see of the answers to them."""

from collections.abc import Callable
from typing import Any

from discord import app_commands
from tests.bots.discord.world import Bot

from madang.testing.discord import DiscordServer
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.messages import Message

Add = Callable[["app_commands.CommandTree[Any]"], None]


async def with_commands(bot: Bot, add: Add) -> None:
    """Add commands to the bot's tree and tell Discord of them."""
    client = bot.talk.client
    assert client is not None
    tree = client._connection._command_tree
    if tree is None:
        tree = app_commands.CommandTree[Any](client)
        add(tree)
    await tree.sync()


async def published(server: DiscordServer) -> None:
    """Wait until Discord knows the commands."""
    await server.requests.seen("PUT", "/commands")


async def privately(asked: Interaction) -> Message:
    """Wait for what is told to whoever asked or pressed, after their answer, and to nobody else."""
    told = await asked.place.transcript.bell.until(
        lambda: asked.followups, limit=5.0, tell=lambda: str(asked.place.transcript)
    )
    assert told[0].only_for is asked.person
    return told[0]


async def taken_back(asked: Interaction) -> None:
    """Wait until what everybody saw of an answer is gone."""
    original = asked.original
    assert original is not None
    await asked.place.transcript.bell.until(
        lambda: original.id not in original.place.messages,
        limit=5.0,
        tell=lambda: str(asked.place.transcript),
    )
