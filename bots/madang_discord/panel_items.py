"""What can be chosen and pressed on the panel of settings; it works after a restart too."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from madang.texts import Texts
from madang_discord.asking import Asked, only_managers
from madang_discord.target import PATTERN, Target

if TYPE_CHECKING:
    from madang_discord.settings import Settings

CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
BOOLEAN = re.compile(r"(enabled|locked|free|faces)([01])")
Item = ui.Item[Any]


def _settings(interaction: Asked) -> "Settings":
    from madang_discord.settings import Settings

    return Settings(interaction.client.talk)


class Choose(ui.DynamicItem[ui.Select[Any]], template=rf"madang:choose:(?P<key>\w+):{PATTERN}"):
    """Choose the value of one option; the first choice leaves it to wider places."""

    def __init__(
        self, key: str, target: Target, options: Sequence[discord.SelectOption], label: str = ""
    ) -> None:
        self.key, self.target = key, target
        super().__init__(
            ui.Select(
                custom_id=f"madang:choose:{key}:{target.key}",
                placeholder=label or None,
                options=list(options),
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Choose":
        """Read what it is about from its id."""
        target = Target.read(interaction.guild_id or 0, match["target"])
        return cls(match["key"], target, item.options if isinstance(item, ui.Select) else ())

    async def interaction_check(self, interaction: Asked) -> bool:
        """Let only those choose who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Asked) -> Any:
        """Set the option."""
        value = self.item.values[0]
        await _settings(interaction).change(
            interaction, self.target, {self.key: None if value == "-" else value}
        )


class Where(ui.DynamicItem[ui.ChannelSelect[Any]], template=r"madang:where"):
    """Choose which channel or thread the panel is about."""

    def __init__(self, texts: Texts | None = None) -> None:
        label = texts("settings.where") if texts else None
        super().__init__(
            ui.ChannelSelect(custom_id="madang:where", placeholder=label, channel_types=CHANNELS)
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Where":
        """Make it anew."""
        return cls()

    async def interaction_check(self, interaction: Asked) -> bool:
        """Let only those choose who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Asked) -> Any:
        """Show the panel of what was chosen."""
        found, guild = self.item.values[0], interaction.guild_id or 0
        if isinstance(found, discord.app_commands.AppCommandThread):
            target = Target(guild=guild, channel=found.parent_id, thread=found.id)
        else:
            target = Target(guild=guild, channel=found.id)
        await _settings(interaction).change(interaction, target, {})


class Press(ui.DynamicItem[ui.Button[Any]], template=rf"madang:press:(?P<what>\w+):{PATTERN}"):
    """Switch something on or off, or open what else there is."""

    def __init__(self, what: str, target: Target, label: str = "") -> None:
        self.what, self.target = what, target
        danger = what in ("enabled0", "clear")
        style = discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary
        key = f"madang:press:{what}:{target.key}"
        super().__init__(ui.Button(label=label or what, style=style, custom_id=key))

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Press":
        """Read what it is about from its id."""
        return cls(match["what"], Target.read(interaction.guild_id or 0, match["target"]))

    async def interaction_check(self, interaction: Asked) -> bool:
        """Let only those press who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Asked) -> Any:
        """Do what its label says."""
        settings, target = _settings(interaction), self.target
        if found := BOOLEAN.fullmatch(self.what):
            await settings.change(interaction, target, {found[1]: found[2] == "1"})
        elif self.what == "numbers":
            await settings.ask_numbers(interaction, target)
        elif self.what == "clear":
            await settings.clear(interaction, target)
        else:
            await settings.change(interaction, Target(guild=target.guild), {})
