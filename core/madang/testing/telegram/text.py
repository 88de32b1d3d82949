"""Text as the service counts it: in UTF-16 code units."""

import re

LIMIT = 4096
CAPTION_LIMIT = 1024
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")


def units(text: str) -> int:
    """Count the UTF-16 code units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(text: str, offset: int, length: int) -> str:
    """Return the part of a text that an offset and a length in UTF-16 code units name."""
    data = text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)]
    return data.decode("utf-16-le", "surrogatepass")


def middles(text: str) -> frozenset[int]:
    """Return the offsets that lie between the two halves of one character."""
    if text.isascii() or units(text) == len(text):
        return frozenset()
    found, at = set(), 0
    for char in text:
        at += 1
        if char > "\uffff":
            found.add(at)
            at += 1
    return frozenset(found)


def cleaned(text: str) -> tuple[str, list[int] | None]:
    """Return a text as the service keeps it, and the new place of every old offset.

    White space at both ends and carriage returns go, control characters become spaces. The places
    are None where nothing moves.
    """
    plain = _CONTROL.sub(" ", text)
    if plain == plain.strip() and "\r" not in plain:
        return plain, None
    first = len(plain) - len(plain.lstrip())
    last = len(plain.rstrip())
    kept, places, at = [], [], 0
    for index, char in enumerate(plain):
        width = 2 if char > "\uffff" else 1
        places += [at] * width
        if first <= index < last and char != "\r":
            kept.append(char)
            at += width
    return "".join(kept), [*places, at]


def pieces(text: str) -> list[str]:
    """Split a pasted text as a client does before it sends it."""
    found = []
    while units(text) > LIMIT:
        head = part(text, 0, LIMIT - 1 if LIMIT in middles(text) else LIMIT)
        cut = max(head.rfind("\n"), head.rfind(" "))
        cut = cut if cut > len(head) // 2 else len(head)
        found.append(text[:cut])
        text = text[cut:].lstrip()
    return [*found, text] if text else found
