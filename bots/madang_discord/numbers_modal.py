"""The dialogue for daily limits and retention."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from discord import ui
from msgspec import UNSET

from madang.conversation.options import PlaceOptions
from madang.texts import Texts
from madang_discord.asking import Asked

NUMBERS = ("daily_requests", "daily_tokens", "retention_days")
MOST = {"daily_requests": 10**9, "daily_tokens": 10**12, "retention_days": 36500}
Take = Callable[[Asked, Mapping[str, object], str], Awaitable[None]]


class Numbers(ui.Modal):
    """Ask for three numbers; an empty one leaves it to wider places, and 0 is no bound."""

    def __init__(self, texts: Texts, exact: PlaceOptions | None, take: Take) -> None:
        super().__init__(title=texts("settings.numbers_title"))
        self._texts, self._take = texts, take
        self._inputs = {key: _input(getattr(exact, key, UNSET)) for key in NUMBERS}
        for key, box in self._inputs.items():
            label: ui.Label[Any] = ui.Label(text=texts(f"settings.{key}"), component=box)
            self.add_item(label)

    async def on_submit(self, interaction: Asked) -> None:
        """Hand on what was written, or say what is no number and change nothing."""
        values: dict[str, object] = {}
        for key, box in self._inputs.items():
            try:
                values[key] = number(key, box.value)
            except ValueError:
                name = self._texts(f"settings.{key}")
                note = self._texts("settings.no_number", name=name, most=f"{MOST[key]:,}")
                await self._take(interaction, {}, note)
                return
        await self._take(interaction, values, "")


def number(key: str, text: str) -> float | int | None:
    """Read a number as it was typed; None where nothing was, ValueError where it does not fit."""
    text = text.replace(",", "").strip()
    if not text:
        return None
    value = float(text) if key == "retention_days" else int(text)
    if not 0 <= value <= MOST[key]:
        raise ValueError(text)
    return value


def _input(now: object) -> "ui.TextInput[Any]":
    shown = "" if now is UNSET else f"{now:g}" if isinstance(now, float) else str(now)
    return ui.TextInput(default=shown or None, required=False, max_length=15)
