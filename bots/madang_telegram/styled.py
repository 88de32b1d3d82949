"""Text with styles, as Telegram takes it: no markup in the text, and spans beside it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from telegram import MessageEntity

NOT_IN_CODE = ("bold", "italic", "strikethrough", "text_link")
CODE = ("code", "pre")


@dataclass(frozen=True)
class Span:
    """Give a part of a text a style; offsets count characters, not UTF-16 units."""

    kind: str
    start: int
    end: int
    url: str = ""
    language: str = ""


@dataclass(frozen=True)
class Styled:
    """Hold a text and its styles."""

    text: str = ""
    spans: tuple[Span, ...] = ()

    def __add__(self, other: "Styled") -> "Styled":
        moved = (_moved(span, len(self.text)) for span in other.spans)
        return Styled(self.text + other.text, (*self.spans, *moved))

    def cut(self, start: int, end: int) -> "Styled":
        """Return a part, with the styles that reach into it."""
        inside = (
            replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
            for span in self.spans
        )
        return Styled(self.text[start:end], tuple(span for span in inside if span.start < span.end))

    def stripped(self) -> "Styled":
        """Drop the white space at both ends, which Telegram would drop too."""
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, max(start, len(self.text.rstrip())))

    def nested(self) -> list[Span]:
        """List the styles as they are sent: none reaches into code or holds any."""
        return sorted(_nested(self.spans), key=lambda span: (span.start, -span.end))

    def entities(self) -> list[MessageEntity]:
        """Return the styles as the Bot API takes them, counted in UTF-16 units."""
        places = [0, *accumulate(2 if each > "\uffff" else 1 for each in self.text)]
        return [
            MessageEntity(
                type=span.kind,
                offset=places[span.start],
                length=places[span.end] - places[span.start],
                url=span.url or None,
                language=span.language or None,
            )
            for span in self.nested()
        ]


def plain(text: str) -> Styled:
    """Return a text without styles."""
    return Styled(text)


def italic(text: str) -> Styled:
    """Return a text in italics."""
    return Styled(text, (Span("italic", 0, len(text)),)) if text else Styled()


def sendable(text: str) -> str:
    """Replace what cannot be sent: halves of surrogate pairs, and control characters."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", _replacement, text)


def _replacement(found: "re.Match[str]") -> str:
    return {"\t": "    ", "\r": "", "\x0b": "\n", "\x0c": "\n"}.get(found.group(), "")


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by)


def _nested(spans: Iterable[Span]) -> Iterator[Span]:
    """Keep other styles out of code, where Telegram allows none, nor around it."""
    spans = list(spans)
    code = sorted((span for span in spans if span.kind in CODE), key=lambda span: span.start)
    for span in spans:
        if span.kind not in NOT_IN_CODE:
            yield span
            continue
        start = span.start
        for hole in code:
            if hole.start < span.end and start < hole.end:
                if start < hole.start:
                    yield replace(span, start=start, end=hole.start)
                start = max(start, hole.end)
        if start < span.end:
            yield replace(span, start=start)
