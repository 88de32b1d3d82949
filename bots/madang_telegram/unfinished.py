"""Markdown that is still being written, closed so that nobody sees half of a mark."""

import re

from madang.delivery import closed
from madang.delivery.split import open_fence
from madang_telegram.emphasis import run_end, sides

# A line that only begins to be something: a fence, a list, a heading, a quote.
BEGUN = re.compile(r"(?:^|\n)[ \t]*(?:`{1,2}|~{1,2}|[-+*]|#{1,6}|>+)[ \t]*$")
LINK = re.compile(r"!?\[([^\[\]\n]*)(?:\](?:\([^()\n]*)?)?$")
BLOCK = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-+*]|\d+[.)]|#{1,6}|>)[ \t])")
MARKS = "*_~\\!["


def mended(source: str) -> str:
    """Return the text so far with all that is open in it closed."""
    if open_fence(source):
        return closed(source)
    text = BEGUN.sub("", source.rstrip())
    start = max((found.end() for found in BLOCK.finditer(text)), default=0)
    return text[:start] + _closed(text[start:])


def ended(source: str) -> str:
    """Close what a text that was cut off, or badly written, left open in its last block."""
    if open_fence(source):
        return source
    text = source.rstrip()
    start = max((found.end() for found in BLOCK.finditer(text)), default=0)
    return text if _open_code(text[start:]) else text + _open_stars(text[start:])


def _closed(block: str) -> str:
    ticks = _open_code(block)
    if ticks and block.endswith(ticks):
        return _closed(block.removesuffix(ticks).rstrip())
    if ticks:
        block = block.rstrip("` ") + ticks
    elif not block.endswith("`"):
        block = LINK.sub(r"\1", block.rstrip(MARKS)).rstrip()
    return block + _open_stars(block)


def _open_code(block: str) -> str:
    """Return the ticks that open the code in which a block ends, empty outside of code."""
    opened = ""
    for ticks in re.findall(r"`+", block):
        if not opened:
            opened = ticks
        elif ticks == opened:
            opened = ""
    return opened


def _open_stars(block: str) -> str:
    """Return what closes the stars and tildes that are open at the end of a block."""
    opened: list[str] = []
    block = re.sub(r"(`+)[^`]+?\1", lambda found: "x" * len(found.group()), block)
    block = re.sub(r"\\.", "xx", block)
    for found in re.finditer(r"\*+|~~+", block):
        start, end = found.start(), run_end(block, found.start(), len(block))
        opens, closes = sides(block, start, end)
        left = end - start
        while closes and opened and opened[-1][0] == block[start] and left >= len(opened[-1]):
            left -= len(opened.pop())
        if left and opens:
            opened.append(block[start] * left)
    return "".join(reversed(opened))
