"""A styled text in as many messages as Telegram makes of it: 4,096 UTF-16 units, 100 styles."""

import re

from wcwidth import iter_graphemes

from madang.delivery import utf16
from madang.delivery.split import BREAKS, LATEST
from madang_telegram.styled import Styled

UNITS = 4096
SPANS = 100
# What Telegram makes a style by itself, which counts too.
FOUND = re.compile(r"https?://|[@#/$]\w|\w\.[a-z]{2,}", re.IGNORECASE)


def parts(styled: Styled, limit: int = UNITS) -> list[Styled]:
    """Return the messages; styles that reach over a cut, code among them, go on behind it.

    A message does not change any more once there is a next one.
    """
    found: list[Styled] = []
    rest = styled
    while (room := _room(rest, limit)) < len(rest.text):
        at = _cut(rest, room)
        found.append(rest.cut(0, at).stripped())
        rest = _begun(rest.cut(at, len(rest.text)))
    found.append(rest.stripped())
    return [part for part in found if part.text]


def _room(styled: Styled, limit: int) -> int:
    """Count the characters that fit into one message."""
    text = styled.text
    starts = [span.start for span in styled.nested()]
    starts += [found.start() for found in FOUND.finditer(text)]
    most = len(text) if len(starts) <= SPANS else max(1, sorted(starts)[SPANS])
    if utf16(text[:most]) <= limit:
        return most
    end = used = 0
    for grapheme in iter_graphemes(text[: min(most, limit)]):
        used += utf16(grapheme)
        if used > limit:
            break
        end += len(grapheme)
    # A pile of accents as long as a message is cut where it may be.
    return end or limit // 2


def _cut(styled: Styled, room: int) -> int:
    window = styled.text[:room]
    for pattern in BREAKS:
        ends = [found.end() for found in pattern.finditer(window)]
        if ends and ends[-1] > room * LATEST:
            return ends[-1]
    return room


def _begun(rest: Styled) -> Styled:
    """Drop the white space before a message, but not what moves the first line of code in."""
    in_code = any(span.kind == "pre" and span.start == 0 for span in rest.spans)
    text = rest.text.lstrip("\n") if in_code else rest.text.lstrip()
    return rest.cut(len(rest.text) - len(text), len(rest.text))
