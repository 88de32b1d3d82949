"""Talk with the personas on Discord."""

import madang
from madang.hookspecs import RegisterBot
from madang_discord.bot import DiscordBot

__all__ = ["DiscordBot"]


@madang.hookimpl
def register_bots(register: RegisterBot) -> None:
    """Register the bot."""
    register(DiscordBot())
