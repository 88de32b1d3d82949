"""`/generate`, and the menu that makes questions of a message."""

from typing import Any

import discord
from discord import app_commands

from madang_discord.asking import Asked
from madang_discord.generating import SAMPLES, Generating
from madang_discord.publishing import word


@app_commands.command(name=word("generating.command"), description=word("generating.command_about"))
@app_commands.rename(file=word("generating.file"), samples=word("generating.samples"))
@app_commands.describe(file=word("generating.file_about"), samples=word("generating.samples_about"))
async def generate_command(
    interaction: Asked,
    file: discord.Attachment,
    samples: app_commands.Range[int, 1, 5] = SAMPLES,
) -> None:
    """Make questions from a file."""
    await Generating.of(interaction.client.talk).from_file(interaction, file, samples)


@app_commands.context_menu(name=word("generating.menu"))
async def generate_menu(interaction: Asked, message: discord.Message) -> None:
    """Make questions from a message."""
    await Generating.of(interaction.client.talk).from_message(interaction, message)


def add_to(tree: "app_commands.CommandTree[Any]") -> None:
    """Add the command and the menu."""
    tree.add_command(generate_command)
    tree.add_command(generate_menu)
