"""What is handed over as files: compressed, and in several files, where Discord takes no larger."""

import asyncio
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from madang.contract import Turn

Write = Callable[[Sequence[Turn]], str]


class TooLarge(Exception):
    """Say that not even a single turn fits a file."""


@dataclass(frozen=True)
class Packed:
    """Be one file."""

    name: str
    data: bytes


async def packed(turns: Sequence[Turn], write: Write, name: str, limit: int) -> list[Packed]:
    """Write turns to as few files as may be, each of at most `limit` bytes and whole by itself.

    What does not fit is compressed, and when that is too large as well, several files share the
    turns. Raises `TooLarge`.
    """
    return await asyncio.to_thread(_packed, turns, write, name, limit)


def _packed(turns: Sequence[Turn], write: Write, name: str, limit: int) -> list[Packed]:
    if len(data := write(turns).encode()) <= limit:
        return [Packed(name, data)]
    parts = _parts(turns, write, name, limit)
    names = [name] if len(parts) == 1 else [_numbered(name, at + 1) for at in range(len(parts))]
    zipped = [_zipped(each, part) for each, part in zip(names, parts, strict=True)]
    return [Packed(f"{each}.zip", data) for each, data in zip(names, zipped, strict=True)]


def _parts(turns: Sequence[Turn], write: Write, name: str, limit: int) -> list[bytes]:
    """Halve turns until what is written of each part fits when it is compressed."""
    data = write(turns).encode()
    # The number in the name of one of many takes a few bytes, twice.
    if len(_zipped(_numbered(name, 999_999), data)) <= limit:
        return [data]
    if len(turns) < 2:
        raise TooLarge(name)
    middle = len(turns) // 2
    before = _parts(turns[:middle], write, name, limit)
    return [*before, *_parts(turns[middle:], write, name, limit)]


def _numbered(name: str, number: int) -> str:
    path = PurePath(name)
    return f"{path.stem}-{number}{path.suffix}"


def _zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()
