"""Figures and foreign text as people read them."""

import re

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Control characters, and those that turn the direction of text.
STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return text without what would steer a terminal; lines and tabs stay."""
    return STEERING.sub("�", text)


def line(text: str) -> str:
    """Return text on one line, without what would steer a terminal."""
    return plain(" ".join(text.split()))


def span(seconds: float) -> str:
    """Word a time in its two largest units."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    whole = int(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    return f"{whole // DAY} d {whole % DAY // HOUR:02} h"


def counted(count: int, one: str, many: str = "") -> str:
    """Word a number of things."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
