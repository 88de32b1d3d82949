"""Amounts of memory as people write them."""

import re

UNITS = {"M": 2**20, "G": 2**30, "T": 2**40}
SIZE = re.compile(r"(\d{1,9}(?:\.\d+)?) ?([MGT])iB")


def size_of(text: str) -> int | None:
    """Return the bytes of a size such as "20GiB" or "1.5 GiB"; None when it is none, or nothing."""
    found = SIZE.fullmatch(text)
    return int(float(found[1]) * UNITS[found[2]]) or None if found else None
