"""`/settings`: what those who manage a server set for it, its channels and its threads."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from discord import app_commands

from madang.conversation import problem_of
from madang.errors import MadangError
from madang_discord.asking import Asked, only_managers, words_for
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge, telling
from madang_discord.numbers_modal import NUMBERS, Numbers
from madang_discord.panel import Panel
from madang_discord.panel_items import Choose, Press, Where
from madang_discord.publishing import word
from madang_discord.target import Target

if TYPE_CHECKING:
    from madang_discord.ears import Ears

OPTIONS = ("persona", "locale", "errors", "enabled", "locked", "free", "faces", *NUMBERS)


class Settings(Feature):
    """Show the panel, and take over what is chosen there; conversations see it at once."""

    async def attach(self, client: "Ears") -> None:
        """Let panels from before a restart work on."""
        client.add_dynamic_items(Choose, Where, Press)

    async def open(self, interaction: Asked) -> None:
        """Show the panel of the whole server, to whoever asked alone."""
        if not await only_managers(interaction):
            return
        await acknowledge(interaction)
        await self._draw(interaction, Target(guild=interaction.guild_id or 0))

    async def change(
        self, interaction: Asked, target: Target, values: Mapping[str, object], note: str = ""
    ) -> None:
        """Set options, taking back those that are None, and show what holds now."""
        if not interaction.response.is_done():
            await acknowledge(interaction)
        options = self.talk.conversations.options
        try:
            for key, value in values.items():
                if value is None:
                    await options.unset(target.place, key)
                else:
                    await options.set(target.place, key, value)
        except MadangError as error:
            note = words_for(interaction).problem(problem_of(error))
        await self._draw(interaction, target, note)

    async def clear(self, interaction: Asked, target: Target) -> None:
        """Take back all that was set just there."""
        await self.change(interaction, target, dict.fromkeys(OPTIONS))

    async def ask_numbers(self, interaction: Asked, target: Target) -> None:
        """Ask for daily limits and for how long conversations are kept."""
        exact = self.talk.conversations.options.below(target.place).get(target.place)
        modal = Numbers(
            words_for(interaction),
            exact,
            lambda asked, values, note: self.change(asked, target, values, note),
        )
        await interaction.response.send_modal(modal)

    async def _draw(self, interaction: Asked, target: Target, note: str = "") -> None:
        panel = Panel(talk=self.talk, texts=words_for(interaction), target=target)
        async with telling(interaction):
            await interaction.edit_original_response(view=await panel.view(note))


@app_commands.command(name=word("settings.command"), description=word("settings.command_about"))
@app_commands.guild_install()
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def settings_command(interaction: Asked) -> None:
    """Show the panel of settings."""
    await Settings(interaction.client.talk).open(interaction)


def add_to(tree: "app_commands.CommandTree[Any]") -> None:
    """Add the command."""
    tree.add_command(settings_command)
