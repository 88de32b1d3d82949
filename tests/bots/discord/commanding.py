"""The commands of these tests, registered as the bot at work has them."""

from collections.abc import Callable
from typing import Any

from discord import app_commands
from tests.bots.discord.world import Bot

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
