"""What was verified on this machine, kept in `verified.json` of the data folder.

An entry is found by the fingerprint of the files and of the settings that bear on them, so it
holds no longer once either changes.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from filelock import FileLock

from madang.contract import Model
from madang.models.part import parts_of
from madang.models.presence import Presence, find, weight_files
from madang.settings import data_dir

NAME = "verified.json"
SMALL = ("*.json", "*.jinja", "*.txt", "*.model")
HEAD = 1 << 20  # bytes of a weight file that hold its header, or the most of it


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one passed verification; `answers` maps sample questions to what was generated."""

    date: str
    source: str
    revision: str
    facts: str
    warnings: tuple[str, ...] = ()
    answers: dict[str, str] = {}

    @property
    def words(self) -> str:
        """Word it for a listing."""
        how = "with answers generated" if self.answers else "files only"
        return f"{self.date[:10]} ({how}{'' if self.facts else ', nothing known beforehand'})"


class _Book(msgspec.Struct, kw_only=True):
    version: int = 1
    entries: dict[str, Entry] = {}


def verified(name: str, model: Model) -> Entry | None:
    """Return the entry of a model as its files are now, None when it is not verified."""
    if not record_path().is_file():
        return None
    found = [find(part) for part in parts_of(name, model)]
    return _read().entries.get(fingerprint(model, found)) if found else None


def note(model: Model, found: Iterable[Presence], entry: Entry | None) -> None:
    """Write an entry, or take it away with None; a reader sees the old file or the new one."""
    path = record_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        book = _read()
        book.entries.pop(key := fingerprint(model, found), None)
        if entry is not None:
            book.entries[key] = entry
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=NAME)
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(book), indent=1))
        Path(temporary).replace(path)


def fingerprint(model: Model, found: Iterable[Presence]) -> str:
    """Sum up the files of a model without reading all its weights.

    Small files count whole, of a weight file its length and its beginning, which holds the
    header. A file of the hub's cache is named by its content already.
    """
    total = hashlib.sha256(repr((model.special_ids, model.tokenizer)).encode())
    for each in found:
        total.update(f"{each.part.role}\0{each.commit}\0".encode())
        for file in _files(each.folder):
            total.update(f"{file.name}\0{_content(file)}\0".encode())
    return total.hexdigest()


def record_path() -> Path:
    """Return the file."""
    return data_dir() / NAME


def _files(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        small = {file for pattern in SMALL for file in folder.glob(pattern)}
        yield from sorted({*small, *(file for file in weight_files(folder) if file.is_file())})


def _content(file: Path) -> str:
    real = file.resolve()
    if real.parent.name == "blobs":
        return real.name
    with file.open("rb") as stream:
        head = stream.read(HEAD if file.suffix == ".safetensors" else -1)
    return f"{file.stat().st_size} {hashlib.sha256(head).hexdigest()}"


def _read() -> _Book:
    try:
        return msgspec.json.decode(record_path().read_bytes(), type=_Book)
    except (OSError, msgspec.DecodeError):
        # A verification can be run again; a damaged record must not stop a start.
        return _Book()
