"""What the bot may do on each server, told to its operator where something is missing."""

import logging

import discord

from madang_discord.portal import NEEDED, lacking

_log = logging.getLogger(__name__)


class Standing:
    """Look at each server once in the life of the process."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def look(self, guild: discord.Guild) -> None:
        """Log what a server does not give, and what that means."""
        if guild.id in self._seen or guild.unavailable:
            return
        self._seen.add(guild.id)
        missing = lacking(guild.me.guild_permissions)
        if missing:
            words = "; ".join("{} ({})".format(*NEEDED[name]) for name in missing)
            _log.warning("%s (%d) does not give: %s", guild.name, guild.id, words)
