"""`/settings`: what those who manage a server set for it, its channels and its threads."""

from typing import TYPE_CHECKING, Any

from discord import app_commands

from madang_discord.asking import Asked, words_for
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge
from madang_discord.numbers_modal import read, sent
from madang_discord.panel_items import Choose, Press, Where, change, draw
from madang_discord.publishing import word
from madang_discord.rights import only_managers
from madang_discord.target import Target

if TYPE_CHECKING:
    from madang_discord.ears import Ears


class Settings(Feature):
    """Let panels and dialogues from before a restart work on; conversations see it at once."""

    async def attach(self, client: "Ears") -> None:
        """Hear what is chosen and pressed."""
        client.add_dynamic_items(Choose, Where, Press)

    async def submitted(self, asked: Asked) -> None:
        """Take over the numbers of a dialogue, or say what is no number and change nothing."""
        found = sent(asked)
        if found is not None and await only_managers(asked):
            target, typed = found
            await change(asked, target, *read(words_for(asked), typed))


@app_commands.command(name=word("settings.command"), description=word("settings.command_about"))
@app_commands.guild_install()
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def settings_command(asked: Asked) -> None:
    """Show the panel of the whole server, to whoever asked alone."""
    if await only_managers(asked):
        await acknowledge(asked)
        await draw(asked, Target(guild=asked.guild_id or 0))


def add_to(tree: "app_commands.CommandTree[Any]") -> None:
    """Add the command."""
    tree.add_command(settings_command)
