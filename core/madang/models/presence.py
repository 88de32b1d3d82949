"""What of a model is on this machine."""

import fnmatch
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from madang.errors import ModelNotLoaded
from madang.inference.source import folder
from madang.models.cache import commit_of, snapshot
from madang.models.part import Part

State = Literal["present", "partial", "missing"]
INDEX = "model.safetensors.index.json"
ADAPTER_CONFIG = "adapter_config.json"
PICKLES = ("pytorch_model*.bin", "adapter_model.bin")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Say where a part lies; `missing` names files that a complete one would have.

    `folder` is None when nothing is here; `commit` is empty for other sources than the hub.
    """

    part: Part
    folder: Path | None
    commit: str = ""
    missing: tuple[str, ...] = ()
    bytes: int = 0

    @property
    def state(self) -> State:
        """Return whether all of it is here."""
        if self.folder is None:
            return "missing"
        return "partial" if self.missing else "present"


def find(part: Part) -> Presence:
    """Look for a part without going to the network."""
    if part.kind == "hub":
        place, commit = snapshot(part.source, part.revision), commit_of(part.source, part.revision)
    else:
        place, commit = _local(part.source), ""
    if place is None:
        return Presence(part=part, folder=None)
    return Presence(
        part=part,
        folder=place,
        commit=commit,
        missing=tuple(_missing(part, place)),
        bytes=sum(file.stat().st_size for file in place.rglob("*") if file.is_file()),
    )


def weight_files(place: Path) -> list[Path]:
    """List the safetensors files of a checkpoint, those that its index names even if missing."""
    try:
        index = json.loads((place / INDEX).read_text("utf-8"))["weight_map"]
        return [place / name for name in sorted(set(index.values()))]
    except FileNotFoundError:
        return sorted(place.glob("*.safetensors"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return [place / INDEX]


def is_pickle(name: str) -> bool:
    """Tell pickled weights by their name."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in PICKLES)


def pickles(place: Path) -> list[Path]:
    """List the pickled weights of a checkpoint."""
    return sorted(file for pattern in PICKLES for file in place.glob(pattern))


def _local(source: str) -> Path | None:
    try:
        return folder(source) if source else None
    except ModelNotLoaded:
        return None


def _missing(part: Part, place: Path) -> Iterable[str]:
    if part.role == "tokenizer":
        if not any((place / name).is_file() for name in TOKENIZERS):
            yield TOKENIZERS[0]
        return
    config = ADAPTER_CONFIG if part.adapter else "config.json"
    if not (place / config).is_file():
        yield config
    files = weight_files(place)
    if not files and not pickles(place):
        yield "adapter_model.safetensors" if part.adapter else "model.safetensors"
    yield from (file.name for file in files if not file.is_file())
