"""Who asks by a command, a button or a menu, and their language."""

from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from madang.texts import Texts

if TYPE_CHECKING:
    from madang_discord.ears import Ears

Asked: TypeAlias = "discord.Interaction[Ears]"
Pressed: TypeAlias = discord.Interaction[Any]
"""What an item is given that was pressed; discord.py's own classes promise to take any client."""


def locale_of(asked: Asked) -> str:
    """Return the language of whoever asks."""
    return "ko" if asked.locale is discord.Locale.korean else "en"


def words_for(asked: Asked) -> Texts:
    """Return the bot's words in the language of whoever asks."""
    return Texts.of(__package__, locale_of(asked))
