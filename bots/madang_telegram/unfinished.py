"""Markdown that is still being written, closed so that nobody sees half of a mark."""

import re

from madang.delivery.split import open_fence
from madang_telegram.ending import ending

# A line that only begins to be something: a fence, a list, a heading, a quote, a rule.
BEGUN = re.compile(r"(?:^|\n)[ \t>]*(?:`{1,2}|~{1,2}|-{1,2}|[+*]|#{1,6}|>+)[ \t]*$")
LINK = re.compile(
    r"!?\[([^\[\]\n]*)(?:\](?:\((?:[^()\s]|\([^()\s]*\)?)*(?:[ \t]+\"[^\"\n]*\"?)?)?)?$"
)
# Lines are no table before the second of them says how many columns there are.
TABLE = re.compile(r"(?:^|\n)[ \t]*\|[^\n]*(?:\n[ \t]*[|:-][ \t|:-]*)?$")
CODE = re.compile(r"(?<!`)(`+)(?!`)(?:.+?)(?<!`)\1(?!`)", re.DOTALL)
APART = re.compile(r"\n[ \t]*\n(?=\S)")
# Marks at the very end that nothing was written behind.
BARE = re.compile(r"(?:^|(?<=\s))[*_~`]+$")
# So many half marks within each other are taken away; more are no Markdown that anybody means.
DEEPEST = 8
MARKS = "*_~\\!["


def mended(source: str) -> str:
    """Return the text so far with all that is open in it closed."""
    text = source.rstrip()
    start = _last_part(text)
    part = text[start:]
    for _ in range(DEEPEST):
        part, before = _shorter(part).rstrip(), part
        if part == before:
            break
    part += _open_code(ending(part).block)
    return text[:start] + part + ending(part).marks


def ended(source: str, *, cut: bool = False) -> str:
    """Close what a badly written text left open in its last block, and more where it was `cut`."""
    text = BARE.sub("", source.rstrip()) if cut else source.rstrip()
    end = ending(text)
    if ticks := _open_code(end.block):
        return text + ticks if cut else text
    # An underscore that nothing closes is a part of a name, unless the rest is missing.
    return text + (end.marks if cut else end.marks.replace("_", ""))


def _last_part(text: str) -> int:
    """Return from where on a text has to be read to know how it ends."""
    start = max((found.end() for found in APART.finditer(text)), default=0)
    return 0 if open_fence(text[:start]) else start


def _shorter(text: str) -> str:
    """Take away what has only begun at the end of a text; the same text where nothing has."""
    if begun := BEGUN.search(text):
        return text[: begun.start()]
    end = ending(text)
    if end.fence:
        return _without_half_fence(text, end.fence)
    if not end.block:
        return text
    bare = _without_marks(text, end.block)
    if bare == text:
        bare = _without_half_table(text, end.block)
    return bare if bare != text else _without_half_link(text, end.block)


def _without_marks(text: str, block: str) -> str:
    """Drop marks at the end, behind which nothing was written yet."""
    if _open_code(block):
        return text.rstrip("` \t")
    return text if text.endswith("`") else text.rstrip(MARKS + " \t\n")


def _without_half_fence(text: str, fence: str) -> str:
    """Drop the last line of code where it is what ends the code, or the beginning of that."""
    before, _, last = text.rpartition("\n")
    mark = last.strip(" \t>")
    return before if mark and fence.startswith(mark) else text


def _without_half_table(text: str, block: str) -> str:
    half = TABLE.search(block)
    if half is None:
        return text
    lines = half.group().strip("\n").count("\n") + 1
    return "\n".join(text.split("\n")[:-lines]).rstrip()


def _without_half_link(text: str, block: str) -> str:
    line = _masked(block).rpartition("\n")[2]
    half = LINK.search(line)
    if half is None:
        return text
    start = len(text) - len(line)
    return text[: start + half.start()] + text[start + half.start(1) : start + half.end(1)]


def _masked(block: str) -> str:
    """Replace code, in which marks mean nothing; its length stays."""
    block = CODE.sub(lambda found: re.sub(r"[^\n]", "x", found.group()), block)
    ticks = _open_code(block)
    start = block.rfind(ticks) if ticks else len(block)
    return block[:start] + "x" * (len(block) - start)


def _open_code(block: str) -> str:
    """Return the ticks that open the code in which a block ends, empty outside of code."""
    rest = CODE.sub("", block)
    found = re.search(r"`+", rest)
    return found.group() if found else ""
