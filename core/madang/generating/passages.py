"""A long text in passages: by headings, paragraphs and sentences, and never larger than asked."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from wcwidth import iter_graphemes

from madang.delivery.split import FENCE
from madang.generating.reading import Reading

SIZE = 800
"""The most characters of a passage: what the prompts of question generators were trained on."""
LEAST_LETTERS = 40
"""What has fewer, such as a heading alone, is joined to what follows."""

# No pattern may look at a stretch more than once or twice: strangers send texts to be cut.
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*)", re.MULTILINE)
# Where a span that is too large is cut, from best to worst; a cut is behind the match.
BREAKS = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"(?<![.?!…。？！])[.?!…。？！]++[\"'”’」』)\]]*+\s+"),
    re.compile(r"\n+"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Hold a stretch of a text and where it comes from.

    `offset` is in characters of the whole text; `page` counts from 1, and is 0 where there are no
    pages; `heading` is the one it stands under, empty where there is none.
    """

    text: str
    offset: int
    page: int = 0
    heading: str = ""


@dataclass(frozen=True)
class Span:
    """Mark a stretch of text that stays in one piece, and the heading it stands under."""

    start: int
    end: int
    heading: str


def cut(reading: Reading, size: int = SIZE) -> list[Passage]:
    """Return the passages of a text, each of at most `size` characters.

    Together they hold all of it but the white space between them, and stretches without a single
    letter. A sentence is cut only where it is larger than `size` itself, and then between words,
    else between characters as people see them.
    """
    if size < 1:
        raise ValueError(f"a passage of {size} characters holds no text")
    spans = [
        part
        for section in _sections(reading)
        for part in _refined(reading.text, section, size, level=0)
    ]
    passages = (_passage(reading, span) for span in _packed(reading.text, spans, size))
    return [passage for passage in passages if any(map(str.isalnum, passage.text))]


def _sections(reading: Reading) -> Iterator[Span]:
    """Give the stretches from one heading to the next."""
    start, heading = 0, ""
    for found in _headings(reading):
        yield Span(start, found.start(), heading)
        start, heading = found.start(), _title(found[1])
    yield Span(start, len(reading.text), heading)


def _headings(reading: Reading) -> Iterator[re.Match[str]]:
    """Give the headings of Markdown, but not what looks like one in a block of code."""
    if not reading.markdown:
        return
    opened, fences = "", deque(FENCE.finditer(reading.text))
    for found in HEADING.finditer(reading.text):
        while fences and fences[0].start() < found.start():
            fence = fences.popleft()
            if not opened:
                opened = fence[1]
            elif fence[1].startswith(opened) and not fence[2].strip():
                opened = ""
        if not opened:
            yield found


def _title(line: str) -> str:
    """Return a heading without the signs that may close it."""
    line = line.strip()
    bare = line.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else line


def _refined(text: str, span: Span, size: int, level: int) -> Iterator[Span]:
    """Cut a span into ones that fit, at the best places that do it."""
    start, end = _trimmed(text, span.start, span.end)
    if end - start <= size:
        if start < end:
            yield Span(start, end, span.heading)
        return
    if level == len(BREAKS):
        yield from _torn(text, Span(start, end, span.heading), size)
        return
    for found in BREAKS[level].finditer(text, start, end):
        yield from _refined(text, Span(start, found.end(), span.heading), size, level + 1)
        start = found.end()
    yield from _refined(text, Span(start, end, span.heading), size, level + 1)


def _torn(text: str, span: Span, size: int) -> Iterator[Span]:
    """Cut a word that is too large between characters as people see them.

    One of these that is larger than `size` alone is cut too: a pile of accents is no word.
    """
    start = at = span.start
    for grapheme in iter_graphemes(text[span.start : span.end]):
        if start < at and at + len(grapheme) - start > size:
            yield Span(start, at, span.heading)
            start = at
        at += len(grapheme)
        while at - start > size:
            yield Span(start, start + size, span.heading)
            start += size
    if start < span.end:
        yield Span(start, span.end, span.heading)


def _packed(text: str, spans: list[Span], size: int) -> Iterator[Span]:
    """Join neighbours as long as they fit and stand under one heading.

    What is hardly any text joins across headings, and takes the later one.
    """
    held: Span | None = None
    for span in spans:
        if held and span.end - held.start <= size and _belong(text, held, span):
            held = Span(held.start, span.end, span.heading)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held


def _belong(text: str, held: Span, span: Span) -> bool:
    if held.heading == span.heading:
        return True
    return sum(map(str.isalnum, text[held.start : held.end])) < LEAST_LETTERS


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _passage(reading: Reading, span: Span) -> Passage:
    return Passage(
        text=reading.text[span.start : span.end],
        offset=span.start,
        page=bisect_right(reading.pages, span.start),
        heading=span.heading,
    )
