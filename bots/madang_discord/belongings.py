"""`/history`, `/export` and `/forget`: what was said, handed over to its people or deleted."""

import io
import re
from typing import Any

import discord
import msgspec
from discord import app_commands, ui

from madang.conversation import export_json, export_markdown
from madang.errors import MadangError
from madang_discord.asking import Asked, words_for
from madang_discord.interactions import acknowledge, tell
from madang_discord.places import spot_of
from madang_discord.publishing import word
from madang_discord.where import author_asking, current_place, place_of

ROOM = 1900
Item = ui.Item[Any]


@app_commands.command(name=word("command.history"), description=word("command.history_about"))
async def history(asked: Asked) -> None:
    """Show the conversation again, in a file where it is long."""
    await acknowledge(asked, ephemeral=True)
    talk, texts = asked.client.talk, words_for(asked)
    turns = await talk.conversations.history(await current_place(asked))
    if not turns:
        await tell(asked, texts("done.nothing"))
        return
    locale = str(asked.locale)[:2]
    titles = {
        name: source.current().text(locale).title
        for name, source in talk.conversations.personas.items()
    }
    text = export_markdown(turns, titles, talk.yard.settings.models)
    if len(text) <= ROOM:
        await tell(asked, text)
    else:
        await tell(asked, texts("done.history"), file=_file(text, "history.md"))


@app_commands.command(name=word("command.export"), description=word("command.export_about"))
async def export(asked: Asked) -> None:
    """Hand over all that somebody said, wherever it was, and what was counted and set."""
    await acknowledge(asked, ephemeral=True)
    talk = asked.client.talk
    found = await talk.conversations.everything(author_asking(asked).id)
    whole = msgspec.json.decode(
        export_json(found.turns, talk.yard.settings.models, found.usage), type=dict[str, Any]
    )
    whole["options"] = found.options
    text = msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()
    await tell(asked, words_for(asked)("done.export"), file=_file(text, "madang.json"))


@app_commands.command(name=word("command.forget"), description=word("command.forget_about"))
async def forget(asked: Asked) -> None:
    """Ask whether somebody's data shall be deleted."""
    texts, view = words_for(asked), ui.View(timeout=None)
    view.add_item(Forget(asked.user.id, texts("button.forget")))
    await tell(asked, texts("done.forget"), view=view)


class Forget(ui.DynamicItem[ui.Button[Any]], template=r"madang:forget:(?P<user>\d+)"):
    """Delete somebody's data, when they press it themselves."""

    def __init__(self, user: int, label: str = "") -> None:
        self.user = user
        style, key = discord.ButtonStyle.danger, f"madang:forget:{user}"
        super().__init__(ui.Button(label=label or "?", style=style, custom_id=key))

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Forget":
        """Read whom it is about from its id."""
        return cls(int(match["user"]))

    async def callback(self, interaction: Asked) -> Any:
        """Delete everything of theirs, and in direct messages all that was said there."""
        await acknowledge(interaction)
        if interaction.user.id != self.user:
            return
        conversations, place = interaction.client.talk.conversations, place_of(interaction)
        from madang_discord.commands import told

        try:
            count = await conversations.forget(author_asking(interaction).id)
            if spot_of(place).kind == "dm" and interaction.is_guild_integration():
                count += (await conversations.end(place)).turns
        except MadangError as error:
            await told(interaction, error)
            return
        text = words_for(interaction)("done.forgotten", count=count)
        await interaction.edit_original_response(content=text, view=None)


def _file(text: str, name: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode()), name)


BELONGINGS: tuple[app_commands.Command[Any, ..., Any], ...] = (history, export, forget)
