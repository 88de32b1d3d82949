"""Discord as a bot: nothing of discord.py is imported before it runs."""

import argparse
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from madang.errors import MissingPackage
from madang.models.checks.finding import Finding
from madang.setup import Setup
from madang_discord.options import options_of

if TYPE_CHECKING:
    from madang.yard import Yard


class DiscordBot:
    """Let people on Discord talk with the personas."""

    name = "discord"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add nothing: the profile says it all, in [bots.discord.options]."""

    async def run(self, yard: "Yard", options: argparse.Namespace) -> int:
        """Serve until SIGTERM or Ctrl-C."""
        settings = options_of(yard.setup)
        _installed()
        from madang_discord.serving import serve

        return await serve(yard, settings)

    async def check(self, setup: Setup) -> AsyncIterator[Finding]:
        """Look at the token, the intents and the invitation."""
        settings = options_of(setup)
        _installed()
        from madang_discord.checking import examine

        async for each in examine(settings):
            yield each


def _installed() -> None:
    try:
        import discord  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingPackage(
            f"The bot for Discord needs a package that is not there: {error.name}.",
            "Install it: pip install 'madang[discord]'.",
        ) from error
