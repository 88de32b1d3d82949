"""Who asks by a command, a button or a menu: their language, and what they may do."""

from typing import Any, TypeAlias

import discord

from madang.texts import Texts

Asked: TypeAlias = discord.Interaction[Any]
"""Its client is `Ears`; discord.py's own classes promise to take any client."""


def words_for(interaction: Asked) -> Texts:
    """Return the bot's words in the language of whoever asks."""
    korean = interaction.locale is discord.Locale.korean
    return Texts.of(__package__, "ko" if korean else "en")


def manages(interaction: Asked) -> bool:
    """Say whether somebody may manage the server in which they ask."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


async def only_managers(interaction: Asked) -> bool:
    """Turn away whoever may not manage the server; True for those who may."""
    if manages(interaction):
        return True
    text = words_for(interaction)("settings.not_allowed")
    await interaction.response.send_message(text, ephemeral=True)
    return False
