"""`/history`, `/export` and `/forget`: what was said, handed over to its people or deleted."""

import asyncio
import io
import re
import time
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from madang.contract import Turn
from madang.conversation import export_json, export_markdown
from madang.delivery import utf16
from madang_discord.asking import Asked, Pressed, locale_of, words_for
from madang_discord.interactions import acknowledge, tell, telling
from madang_discord.packing import TooLarge, Write, packed
from madang_discord.publishing import word
from madang_discord.where import author_asking, current_place, place_of
from madang_discord.wording import LIMIT

Item = ui.Item[Any]


@app_commands.command(name=word("command.history"), description=word("command.history_about"))
async def history(asked: Asked) -> None:
    """Show the conversation again, in files where it is long."""
    await acknowledge(asked)
    talk, texts = asked.client.talk, words_for(asked)
    turns = await talk.conversations.history(await current_place(asked))
    titles = {
        name: source.current().text(locale_of(asked)).title
        for name, source in talk.conversations.personas.items()
    }

    def written(part: Sequence[Turn]) -> str:
        return export_markdown(part, titles, talk.yard.settings.models)

    text = await asyncio.to_thread(written, turns)
    if not turns:
        await tell(asked, texts("done.nothing"))
    elif utf16(text) <= LIMIT:
        await tell(asked, text)
    else:
        await _hand_over(asked, texts("done.history"), turns, written, "history.md")


@app_commands.command(name=word("command.export"), description=word("command.export_about"))
async def export(asked: Asked) -> None:
    """Hand over all that somebody said, wherever it was, and what was counted and set."""
    await acknowledge(asked)
    talk = asked.client.talk
    found = await talk.conversations.everything(author_asking(asked).id)

    def written(part: Sequence[Turn]) -> str:
        return export_json(part, talk.yard.settings.models, found.usage, found.options)

    words = words_for(asked)("done.export")
    await _hand_over(asked, words, found.turns, written, "madang.json")


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
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Forget":
        """Read whom it is about from its id."""
        return cls(int(match["user"]))

    async def callback(self, interaction: Pressed) -> Any:
        """Delete everything of theirs, and in direct messages all that was said there."""
        await acknowledge(interaction)
        if interaction.user.id != self.user:
            return
        async with telling(interaction):
            count = await _forgotten(interaction)
            text = words_for(interaction)("done.forgotten", count=count)
            await interaction.edit_original_response(content=text, view=None)


async def _forgotten(asked: Asked) -> int:
    """Delete what there is of somebody; what they said is not read back from Discord either."""
    conversations, me = asked.client.talk.conversations, author_asking(asked).id
    count = await conversations.forget(me)
    await conversations.options.set(me, "forgotten", time.time())
    if asked.context.dm_channel:
        count += (await conversations.end(place_of(asked))).turns
    return count


async def _hand_over(
    asked: Asked, words: str, turns: Sequence[Turn], write: Write, name: str
) -> None:
    """Send turns as files, each in a message of its own; where one does not arrive, say so."""
    try:
        files = await packed(turns, write, name, asked.filesize_limit)
    except TooLarge:
        files = []
    for number, each in enumerate(files, 1):
        line = words if len(files) == 1 else f"{words} ({number}/{len(files)})"
        if not await tell(asked, line, file=discord.File(io.BytesIO(each.data), each.name)):
            files = []
            break
    if not files:
        await tell(asked, words_for(asked)("done.too_large"))


BELONGINGS: tuple[app_commands.Command[Any, ..., Any], ...] = (history, export, forget)
