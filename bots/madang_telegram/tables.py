"""Tables, for a platform that has none: columns of characters of one width."""

from collections.abc import Sequence
from itertools import zip_longest

from wcwidth import wcswidth


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Align cells under each other; wide characters, such as Hangul, count twice."""
    widths = [max(map(_width, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([*lines[:1], "-" * sum([*widths, 3 * (len(widths) - 1)]), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip_longest(row, widths, fillvalue="")
    padded = (f"{cell}{' ' * (int(width) - _width(cell))}" for cell, width in cells)
    return " | ".join(padded).rstrip()


def _width(text: object) -> int:
    return max(wcswidth(str(text)), 0)
