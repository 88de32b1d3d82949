"""Fetching a model: what is missing is measured, checked against the disk, and downloaded."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.inference.memory import GIB
from madang.inference.safetensors_header import read_header
from madang.models import hub
from madang.models.cache import cache_dir, sweep
from madang.models.part import Part, parts_of
from madang.models.presence import find, pickles, weight_files

RESERVE = GIB // 4
"""Bytes that a download must leave free on the disk."""

Tell = Callable[[Part, int, int], None]
"""Takes a part, the bytes of it that arrived, and the bytes that were missing."""


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """Say where a part lies now and how many bytes had to be fetched."""

    part: Part
    folder: Path
    bytes: int


def pull(name: str, model: Model, *, offline: bool, tell: Tell) -> Iterator[Pulled]:
    """Fetch the parts of a model that are missing; nothing begins before there is room for all.

    Raises `ModelNotLoaded` with the next step. A file is only ever seen whole: it gets its name
    when its last byte is there.
    """
    parts = parts_of(name, model)
    if offline or hub.is_offline():
        yield from (_offline(part, model) for part in parts)
        return
    wanted = [hub.survey(part, model) for part in parts if part.kind == "hub"]
    _check_room(name, sum(each.bytes for each in wanted))
    by_part = {each.part: each for each in wanted}
    for part in parts:
        yield _fetch(by_part[part], tell) if part in by_part else _here(part)


def _fetch(wanted: hub.Wanted, tell: Tell) -> Pulled:
    part = wanted.part
    place = hub.fetch(wanted, lambda count: tell(part, count, wanted.bytes))
    _check_whole(part, place)
    sweep(part.source)
    return Pulled(part=part, folder=place, bytes=wanted.bytes)


def _offline(part: Part, model: Model) -> Pulled:
    if part.kind != "hub":
        return _here(part)
    place = hub.fetched(part, model)
    _check_whole(part, place)
    return Pulled(part=part, folder=place, bytes=0)


def _here(part: Part) -> Pulled:
    found = find(part)
    if found.folder is None:
        raise ModelNotLoaded(
            f"{part}: there is nothing at '{part.source}'",
            f"Correct [models.{part.model}]; a {part.kind} is not fetched.",
        )
    _check_whole(part, found.folder)
    return Pulled(part=part, folder=found.folder, bytes=0)


def _check_room(name: str, size: int) -> None:
    place = next(path for path in (cache_dir(), *cache_dir().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    if size and size + RESERVE > free:
        raise ModelNotLoaded(
            f"model '{name}' needs {size / GIB:.1f} GiB, and {free / GIB:.1f} GiB are free at "
            f"{cache_dir()}",
            "Make room, remove a model (`madang models remove NAME`), or set HF_HOME to another "
            "disk.",
        )


def _check_whole(part: Part, place: Path) -> None:
    """Open every header: it states the file's length, so a cut file shows at once."""
    if part.role == "tokenizer":
        return
    files = weight_files(place)
    for file in files:
        read_header(str(part), file)
    if not files and not pickles(place):
        raise ModelNotLoaded(f"{part}: {place} holds no weights", f"Correct [models.{part.model}].")
