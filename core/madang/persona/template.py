"""Frames with `{name}` in them: parsing, checking and filling.

A frame knows plain names only: no attributes, no formats, nothing to call. `{{` and `}}` stand
for braces. What people and models wrote is put in as it is and never read as a frame.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

from madang.contract import Part
from madang.errors import TemplateError, nearest
from madang.toml import position

TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Slot(NamedTuple):
    """Stand for a value in a frame; `at` counts characters from 0."""

    name: str
    at: int


@lru_cache(maxsize=512)
def parse(frame: str, where: str = "template") -> tuple[str | Slot, ...]:
    """Cut a frame into literal text and slots; `TemplateError` names `where`, line and column."""
    pieces: list[str | Slot] = []
    end = 0
    for found in TOKEN.finditer(frame):
        pieces.append(frame[end : found.start()])
        pieces.append(_token(found, frame, where))
        end = found.end()
    pieces.append(frame[end:])
    return tuple(piece for piece in pieces if piece)


def _token(found: re.Match[str], frame: str, where: str) -> str | Slot:
    token, name = found[0], found[1]
    if token in ("{{", "}}"):
        return token[0]
    if name is None:
        message = f"{_place(frame, found.start(), where)}: '{token}' has no partner."
        raise TemplateError(message, f"Write '{token * 2}' for a brace.")
    if not name.isidentifier():
        message = f"{_place(frame, found.start(), where)}: '{token}' is not a plain name."
        raise TemplateError(message, "Write {name}, or {{ and }} for braces.")
    return Slot(name, found.start())


def _place(frame: str, at: int, where: str) -> str:
    line, column = position(frame[:at])
    return f"{where}: line {line}, column {column}"


def check(frame: str, *, where: str, known: Collection[str], needed: str = "") -> None:
    """Refuse a frame that names an unknown value or leaves out the one it is there for."""
    names = set()
    for piece in parse(frame, where):
        if isinstance(piece, Slot):
            names.add(piece.name)
            if piece.name not in known:
                message = f"{_place(frame, piece.at, where)}: nobody gives '{{{piece.name}}}'."
                hint = f"{nearest(piece.name, known)} Values of your own go into [options]."
                raise TemplateError(message, hint)
    if needed and needed not in names:
        message = f"{where}: '{{{needed}}}' is missing."
        raise TemplateError(message, f"Put {{{needed}}} where the text of the {needed} belongs.")


def fill(frame: str, values: Mapping[str, Part]) -> tuple[Part, ...]:
    """Put values into a frame; neighbours that are both quoted or both not become one part."""
    parts: list[Part] = []
    for piece in parse(frame):
        part = _given(piece.name, values) if isinstance(piece, Slot) else Part(piece)
        if parts and parts[-1].quoted == part.quoted:
            part = Part(parts.pop().text + part.text, part.quoted)
        if part.text:
            parts.append(part)
    return tuple(parts)


def _given(name: str, values: Mapping[str, Part]) -> Part:
    if name not in values:
        raise TemplateError(f"Nobody gives '{{{name}}}'.", nearest(name, values))
    return values[name]


def drop_newline(text: str) -> str:
    """Drop the one line end that editors put at the end of a file.

    A frame that ends in a line end on purpose is a file that ends in two.
    """
    return text.removesuffix("\n")
