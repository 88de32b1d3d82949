"""The dialogue for daily limits and retention."""

import re
from collections.abc import Mapping
from typing import Any

from discord import ui
from msgspec import UNSET

from madang.conversation.options import PlaceOptions
from madang.texts import Texts
from madang_discord.asking import Asked
from madang_discord.target import PATTERN, Target

NUMBERS = ("daily_requests", "daily_tokens", "retention_days")
MOST = {"daily_requests": 10**9, "daily_tokens": 10**12, "retention_days": 36500}
ID = re.compile(rf"madang:numbers:{PATTERN}")


class Numbers(ui.Modal):
    """Ask for three numbers; an empty one leaves it to wider places, and 0 is no bound.

    It is heard by its id when it is sent, so that it outlives the connection it was opened over.
    """

    def __init__(self, texts: Texts, exact: PlaceOptions | None, target: Target) -> None:
        key = f"madang:numbers:{target.key}"
        super().__init__(title=texts("settings.numbers_title"), custom_id=key)
        for key in NUMBERS:
            box = _input(key, getattr(exact, key, UNSET))
            label: ui.Label[Any] = ui.Label(text=texts(f"settings.{key}"), component=box)
            self.add_item(label)


def sent(asked: Asked) -> tuple[Target, Mapping[str, str]] | None:
    """Return what a dialogue that was sent is about, and what was typed; None for other ones."""
    data: Any = asked.data
    found = ID.fullmatch(data["custom_id"])
    if found is None:
        return None
    boxes = [part["component"] for part in data["components"]]
    target = Target.read(asked.guild_id or 0, found["target"])
    return target, {box["custom_id"]: box["value"] for box in boxes}


def read(texts: Texts, typed: Mapping[str, str]) -> tuple[Mapping[str, object], str]:
    """Return what to set, and what is wrong: then nothing is."""
    values: dict[str, object] = {}
    for key in NUMBERS:
        try:
            values[key] = number(key, typed.get(key, ""))
        except ValueError:
            name = texts(f"settings.{key}")
            return {}, texts("settings.no_number", name=name, most=f"{MOST[key]:,}")
    return values, ""


def number(key: str, text: str) -> float | int | None:
    """Read a number as it was typed; None where nothing was, ValueError where it does not fit."""
    text = text.replace(",", "").strip()
    if not text:
        return None
    value = float(text) if key == "retention_days" else int(text)
    if not 0 <= value <= MOST[key]:
        raise ValueError(text)
    return value


def _input(key: str, now: object) -> "ui.TextInput[Any]":
    shown = "" if now is UNSET else f"{now:g}" if isinstance(now, float) else str(now)
    return ui.TextInput(custom_id=key, default=shown or None, required=False, max_length=15)
