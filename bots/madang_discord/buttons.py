"""The buttons under an answer, as they look and as they are found again when pressed."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ui

from madang.contract import TurnState
from madang.conversation import Reply, Update
from madang.errors import TurnNotFound
from madang.texts import Texts
from madang_discord.actions import ACTIONS, WRITING, found_by
from madang_discord.asking import Pressed, words_for
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge, tell, telling
from madang_discord.recent import Recent
from madang_discord.rights import may_change, may_clear
from madang_discord.where import is_archived

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

MOST_KNOWN = 4096
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
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Control":
        """Read what it is about from its id."""
        return cls(match["what"], match["turn"])

    async def callback(self, interaction: Pressed) -> Any:
        """Do it, for those who may."""
        await acknowledge(interaction)
        texts = words_for(interaction)
        async with telling(interaction):
            try:
                found = await found_by(interaction, self.turn)
                if self.what not in ACTIONS or not await may_change(interaction, found.turn):
                    await tell(interaction, texts("button.not_yours"))
                elif self.what in WRITING and is_archived(interaction):
                    await tell(interaction, texts("button.archived"))
                else:
                    await ACTIONS[self.what](interaction, found)
            except TurnNotFound:
                if self.what == "delete" and may_clear(interaction):
                    await interaction.delete_original_response()
                else:
                    await tell(interaction, texts("button.gone"))


class Controls(Feature):
    """Put buttons under every answer, and let those from before a restart work on."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._pages: Recent[str, tuple[int, int]] = Recent(MOST_KNOWN)

    async def attach(self, client: "Ears") -> None:
        """Hear what is pressed."""
        client.add_dynamic_items(Control)

    async def begins(self, reply: Reply) -> None:
        """Learn which of how many variants an answer is."""
        turns = await self.talk.conversations.controls.variants(reply.turn.id)
        ids = [each.id for each in turns]
        page = ids.index(reply.turn.id) + 1 if reply.turn.id in ids else 1
        self._pages[reply.turn.id] = (page, len(ids))

    def under(self, reply: Reply, update: Update) -> Buttons:
        """Return the buttons as they are now."""
        page, pages = self._pages.get(reply.turn.id, (1, 1))
        cut = update.cut or update.state is TurnState.STOPPED
        return Buttons(
            turn=reply.turn.id,
            locale=self.talk.locale(reply.place),
            running=not update.final,
            cut=update.final and cut and bool(update.text),
            page=page,
            pages=pages,
        )
