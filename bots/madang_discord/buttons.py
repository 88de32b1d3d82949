"""The buttons under an answer, as they look and as they are found again when pressed."""

import re
from dataclasses import dataclass
from typing import Any

from discord import ui

from madang.errors import TurnNotFound
from madang.texts import Texts
from madang_discord.actions import ACTIONS, found_by
from madang_discord.asking import Asked, words_for
from madang_discord.interactions import acknowledge, tell, telling
from madang_discord.rights import may_change, may_clear

Item = ui.Item[Any]


@dataclass(frozen=True, kw_only=True)
class Buttons:
    """Be the buttons under one answer; `page` of `pages` variants is shown, from 1."""

    turn: str
    locale: str
    running: bool
    cut: bool = False
    page: int = 1
    pages: int = 1

    def view(self) -> ui.View:
        """Make them anew for one call."""
        view = ui.View(timeout=None)
        for what, label, disabled in self._labels():
            view.add_item(Control(what, self.turn, label, disabled=disabled))
        return view

    def _labels(self) -> list[tuple[str, str, bool]]:
        texts = Texts.of(__package__, self.locale)
        if self.running:
            return [("stop", texts("button.stop"), False)]
        rows = [("retry", texts("button.retry"), False)]
        if self.pages > 1:
            rows.append(("back", "◀", self.page <= 1))
            rows.append(("next", f"{self.page}/{self.pages} ▶", self.page >= self.pages))
        if self.cut:
            rows.append(("more", texts("button.more"), False))
        return [*rows, ("delete", texts("button.delete"), False)]


class Control(
    ui.DynamicItem[ui.Button[Any]], template=r"madang:answer:(?P<what>[a-z]+):(?P<turn>[\w-]+)"
):
    """Do one thing to an answer; its id says all, so that it works after a restart."""

    def __init__(self, what: str, turn: str, label: str = "", *, disabled: bool = False) -> None:
        self.what, self.turn = what, turn
        key = f"madang:answer:{what}:{turn}"
        super().__init__(ui.Button(label=label or what, custom_id=key, disabled=disabled))

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Control":
        """Read what it is about from its id."""
        return cls(match["what"], match["turn"])

    async def callback(self, interaction: Asked) -> Any:
        """Do it, for those who may."""
        await acknowledge(interaction)
        texts = words_for(interaction)
        async with telling(interaction):
            try:
                found = await found_by(interaction, self.turn)
                if self.what in ACTIONS and await may_change(interaction, found):
                    await ACTIONS[self.what](interaction, found)
                else:
                    await tell(interaction, texts("button.not_yours"))
            except TurnNotFound:
                if self.what == "delete" and may_clear(interaction):
                    await interaction.delete_original_response()
                else:
                    await tell(interaction, texts("button.gone"))
