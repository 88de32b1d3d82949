"""Text files that people write: their text, and whether they changed."""

from pathlib import Path

from madang.errors import MadangError, SettingsError
from madang.toml.parse import position

Stamp = tuple[int, int, int] | None
"""What a file looks like from outside; None when there is none."""


def stamp(path: Path) -> Stamp:
    """Return what differs as soon as somebody writes or replaces the file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_text(path: Path, error: type[MadangError] = SettingsError) -> str:
    """Return a file's text with `\\n` line ends and without a byte order mark.

    `error` when there is no such file, it cannot be read, or it is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as why:
        raise error(f"{path}: there is no such file.", _beside(path)) from why
    except OSError as why:
        raise error(f"{path}: cannot be read: {why.strerror or why}.") from why
    except ValueError as why:  # a name with a null character in it
        raise error(f"{str(path)!r}: cannot be read: {why}.") from why
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as why:
        line, column = position(raw[: why.start].decode("utf-8-sig"))
        where = f"{path}:{line}:{column}"
        raise error(f"{where}: is not UTF-8.", "Save the file in the encoding UTF-8.") from why


def _beside(path: Path) -> str:
    """Name the files that are there, since a wrong name is the usual cause."""
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    there = sorted(path.parent.iterdir())
    names = [each.name for each in there if each.suffix == path.suffix and each.is_file()]
    return f"The folder holds {', '.join(names) or f'no {path.suffix} file'}."
