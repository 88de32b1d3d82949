"""What the service finds in a text by itself: mentions, commands, links, hashtags."""

import re
from collections.abc import Iterator

from madang.testing.telegram.entity import Entity
from madang.testing.telegram.text import units

FOUND = {
    *("mention", "hashtag", "cashtag", "bot_command"),
    *("url", "email", "phone_number", "bank_card_number"),
}
_PATTERNS = {
    "url": re.compile(
        r"https?://[^\s<>\"]+[^\s<>\".,!?:;)\]]"
        r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|kr|dev|me|ai)\b(?:/[^\s<>\"]*)?",
        re.IGNORECASE,
    ),
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE | re.ASCII),
    "bot_command": re.compile(r"(?<![\w/@<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])"),
    "mention": re.compile(r"(?<![\w@/])@[a-zA-Z0-9_]{3,32}\b", re.ASCII),
    "hashtag": re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}"),
}


def found_in(text: str) -> list[Entity]:
    """List what a text holds, in order and without overlaps; earlier patterns win."""
    found: list[Entity] = []
    for entity in _all(text):
        if not any(entity.offset < other.end and other.offset < entity.end for other in found):
            found.append(entity)
    return sorted(found, key=lambda entity: entity.offset)


def _all(text: str) -> Iterator[Entity]:
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield Entity(kind, units(text[: match.start()]), units(match.group()))
