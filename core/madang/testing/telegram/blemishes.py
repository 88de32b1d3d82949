"""Blemishes: what a reader must never see, not even for a moment."""

import unicodedata

from madang.testing.telegram.rich import prose_of
from madang.testing.telegram.text import part, units
from madang.testing.telegram.transcript import Sight, Transcript

RAW = ("**", "```", "~~")
CODE = ("code", "pre")


def blemishes(transcript: Transcript) -> list[str]:
    """List every version of the bot's texts that shows raw markup or half a letter, and why."""
    return [
        f"{why} in {sight.what} {sight.id}: {sight.text!r}"
        for sight in transcript.by_bot()
        for why in _reasons(sight)
    ]


def _reasons(sight: Sight) -> list[str]:
    found = [f"dropped {entity.kind}" for entity in sight.content.dropped]
    if any(_is_half(char) for char in sight.text):
        found.append("half a letter")
    prose = prose_of(sight.rich) if sight.rich else _prose(sight)
    return [*found, *(f"raw {mark}" for mark in RAW if mark in prose)]


def _prose(sight: Sight) -> str:
    """Return the text without its code, where everything is meant as it stands."""
    text, at, kept = sight.content.text, 0, []
    for entity in sight.entities:
        if entity.kind in CODE and entity.offset >= at:
            kept.append(part(text, at, entity.offset - at))
            at = entity.end
    return "\n".join([*kept, part(text, at, units(text) - at)])


def _is_half(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) == "Cs" or "\u1100" <= char <= "\u11ff"
