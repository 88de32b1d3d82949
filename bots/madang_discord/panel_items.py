"""The panel of settings as it is drawn, chosen from and pressed; it works after a restart too."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from madang.conversation import problem_of
from madang.errors import MadangError
from madang.texts import Texts
from madang_discord.asking import Asked, Pressed, words_for
from madang_discord.interactions import acknowledge, telling
from madang_discord.numbers_modal import NUMBERS, Numbers
from madang_discord.panel import INHERIT, SWITCHES, Panel
from madang_discord.rights import only_managers
from madang_discord.target import PATTERN, Target

OPTIONS = ("persona", "locale", "errors", *SWITCHES, *NUMBERS)
"""What can be set on the panel."""
CHANNELS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
BOOLEAN = re.compile(rf"({'|'.join(SWITCHES)})([01])")
Item = ui.Item[Any]


async def change(
    asked: Asked, target: Target, values: Mapping[str, object], note: str = ""
) -> None:
    """Set options, taking back those that are None, and show what holds now."""
    await acknowledge(asked)
    options = asked.client.talk.conversations.options
    async with telling(asked):
        try:
            for key, value in values.items():
                if value is None:
                    await options.unset(target.place, key)
                else:
                    await options.set(target.place, key, value)
        except MadangError as error:
            note = words_for(asked).problem(problem_of(error))
        await draw(asked, target, note)


async def draw(asked: Asked, target: Target, note: str = "") -> None:
    """Show the panel in the place of what was there, with a note of what went wrong."""
    panel = Panel(talk=asked.client.talk, texts=words_for(asked), target=target)
    await panel.read()
    view = _drawn(panel, note, await panel.usage())
    await asked.edit_original_response(view=view)


def _drawn(panel: Panel, note: str, usage: str) -> ui.LayoutView:
    """Make the panel anew."""
    target, texts = panel.target, panel.texts
    selects = [
        Choose(key, target, found, texts(f"settings.{key}"))
        for key, found in panel.choices().items()
    ]
    container: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(panel.state(note)),
        _row(Where(texts)),
        ui.Separator(),
        *map(_row, selects),
        _row(*(Press(what, target, label) for what, label in panel.switches())),
        _row(*(Press(what, target, label) for what, label in panel.buttons())),
        ui.Separator(),
        ui.TextDisplay(usage),
    )
    return ui.LayoutView(timeout=None).add_item(container)


def _row(*items: Item) -> "ui.ActionRow[ui.LayoutView]":
    return ui.ActionRow(*items)


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
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Choose":
        """Read what it is about from its id."""
        target = Target.read(interaction.guild_id or 0, match["target"])
        return cls(match["key"], target, item.options if isinstance(item, ui.Select) else ())

    async def interaction_check(self, interaction: Pressed) -> bool:
        """Let only those choose who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Pressed) -> Any:
        """Set the option."""
        value = self.item.values[0]
        chosen = None if value == INHERIT else value
        await change(interaction, self.target, {self.key: chosen})


class Where(ui.DynamicItem[ui.ChannelSelect[Any]], template=r"madang:where"):
    """Choose which channel or thread the panel is about."""

    def __init__(self, texts: Texts | None = None) -> None:
        label = texts("settings.where") if texts else None
        super().__init__(
            ui.ChannelSelect(custom_id="madang:where", placeholder=label, channel_types=CHANNELS)
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Where":
        """Make it anew."""
        return cls()

    async def interaction_check(self, interaction: Pressed) -> bool:
        """Let only those choose who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Pressed) -> Any:
        """Show the panel of what was chosen."""
        found, guild = self.item.values[0], interaction.guild_id or 0
        if isinstance(found, discord.app_commands.AppCommandThread):
            target = Target(guild=guild, channel=found.parent_id, thread=found.id)
        else:
            target = Target(guild=guild, channel=found.id)
        await change(interaction, target, {})


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
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Press":
        """Read what it is about from its id."""
        return cls(match["what"], Target.read(interaction.guild_id or 0, match["target"]))

    async def interaction_check(self, interaction: Pressed) -> bool:
        """Let only those press who may manage the server."""
        return await only_managers(interaction)

    async def callback(self, interaction: Pressed) -> Any:
        """Do what its label says."""
        target = self.target
        if found := BOOLEAN.fullmatch(self.what):
            await change(interaction, target, {found[1]: found[2] == "1"})
        elif self.what == "numbers":
            options = interaction.client.talk.conversations.options
            exact = options.below(target.place).get(target.place)
            dialogue = Numbers(words_for(interaction), exact, target)
            await interaction.response.send_modal(dialogue)
        elif self.what == "clear":
            await change(interaction, target, dict.fromkeys(OPTIONS))
        else:
            await change(interaction, Target(guild=target.guild), {})
