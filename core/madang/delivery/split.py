"""Long texts in several messages, without cutting what belongs together."""

import re
from collections.abc import Callable, Iterator

from wcwidth import iter_graphemes

Measure = Callable[[str], int]
"""How a platform counts the length of a text."""

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
BEGUN = re.compile(r" {0,3}(`+|~+)[^\n`]*$")
# Where a text is best cut, from best to worst; a cut is behind the match.
BREAKS = (
    re.compile(r"\n[ \t]*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…。！？][\"'”’)\]]*[ \t]"),
    re.compile(r"[ \t]"),
)
LATEST = 0.4
"""A cut uses at least this share of the room: a short message is worse than a harder cut."""
SMALLEST = 64
"""The least limit that leaves room for text between the fences of a block of code."""


def utf16(text: str) -> int:
    """Count UTF-16 units, as Telegram does."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, limit: int, *, measure: Measure = len) -> list[str]:
    """Return the text in parts of at most `limit`, at least one.

    Cuts are between paragraphs, lines, sentences or words, else between characters as people see
    them; a block of code that is cut is closed and opened again. A part does not change any more
    once there is a next one, so that a text may be split again and again while it grows.
    """
    if limit < SMALLEST:
        raise ValueError(f"a message of {limit} leaves no room for text")
    return list(_parts(text, limit, measure))


def closed(text: str) -> str:
    """Close a block of code that is still open, so that it is shown as one while it grows."""
    fence = open_fence(text)
    before, _, last = text.rpartition("\n")
    # A fence of which the end is just being written is no line of code.
    if fence and before and last.strip() and _mark(fence).startswith(last.strip() + fence[0]):
        text = before
    return _close(text, fence)


def open_fence(text: str) -> str:
    """Return the line that opens the block of code in which a text ends, empty outside of one."""
    opened = ""
    for found in FENCE.finditer(text):
        mark, language = found[1], found[2].strip()
        if not opened:
            opened = mark + language
        elif not language and mark.startswith(_mark(opened)):
            opened = ""
    return opened


def _parts(text: str, limit: int, measure: Measure) -> Iterator[str]:
    head = ""
    while measure(_close(head + text, open_fence(head + text))) > limit:
        fence = open_fence(head)
        room = limit - measure(head) - (measure(_mark(fence)) + 1 if fence else 8)
        at = _cut(text, room, measure)
        part = head + text[:at].rstrip("\n")
        fence = open_fence(part)
        yield _close(part.rstrip(), fence)
        text = text[at:]
        if not fence:
            text = text.lstrip()
        head = f"{fence}\n" if fence else ""
    yield _close(head + text, open_fence(head + text))


def _cut(text: str, room: int, measure: Measure) -> int:
    """Return where to cut at the latest point that fits, or at a better one not far before."""
    end = _fitting(text, room, measure)
    window = text[:end]
    for pattern in BREAKS:
        found = [each.end() for each in pattern.finditer(window)]
        if found and found[-1] > end * LATEST:
            return _before_fence(window[: found[-1]])
    return _before_fence(window)


def _before_fence(window: str) -> int:
    """Return the end of a part, or what lies before the fence at its end.

    Such a fence may be cut in half, or open a block of which nothing is there yet.
    """
    text = window.rstrip("\n")
    start = text.rfind("\n") + 1
    whole = text != window and not open_fence(window)
    return len(window) if whole or not start or not BEGUN.match(text[start:]) else start


def _fitting(text: str, room: int, measure: Measure) -> int:
    """Return how many characters fit, never half of what people see as one."""
    end = used = 0
    for grapheme in iter_graphemes(text):
        used += measure(grapheme)
        if used > room and end:
            return end
        end += len(grapheme)
    return end


def _close(text: str, fence: str) -> str:
    return f"{text.rstrip(chr(10))}\n{_mark(fence)}" if fence else text


def _mark(fence: str) -> str:
    return fence[: len(fence) - len(fence.lstrip(fence[0]))]
