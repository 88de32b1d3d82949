"""The files of a checkpoint, checked before anything big is read."""

import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from madang.errors import ModelNotLoaded
from madang.inference.safetensors_header import read_header

SHARD = re.compile(r"-\d+-of-\d+$")


def check_weights(name: str, folder: Path, *, allow_pickle: bool = False) -> None:
    """Open the header of every weight file; `ModelNotLoaded` names the one that is bad.

    Pickled weights are refused unless `allow_pickle`: reading them can run code.
    """
    for file in weight_files(name, folder):
        if file.suffix == ".safetensors":
            read_header(name, file)
        elif not allow_pickle:
            raise ModelNotLoaded(
                f"'{name}': {folder} holds no safetensors weights, only pickled ones ({file.name})",
                "Unpickling can run code. Convert the checkpoint or choose another one; only if "
                "you trust its author set `allow_pickle = true`.",
            )
        elif not zipfile.is_zipfile(file):
            raise ModelNotLoaded(
                f"'{name}': {file} cannot be read: it is missing, cut short or no torch archive",
                "Delete it and fetch it again.",
            )


def weight_files(name: str, folder: Path) -> list[Path]:
    """List the files of the weights, whether they exist or not; safetensors where there are any."""
    for suffix in ("safetensors", "bin"):
        for index in sorted(folder.glob(f"*.{suffix}.index.json")):
            return _indexed(name, index)
        # A trainer's own `training_args.bin` and the like are no weights.
        files = [
            file
            for file in sorted(folder.glob(f"*.{suffix}"))
            if suffix == "safetensors" or "model" in file.name
        ]
        if files:
            _check_complete(name, files)
            return files
    raise ModelNotLoaded(
        f"'{name}': {folder} holds no safetensors weights",
        "Only safetensors files are read; fetch the checkpoint again or choose another one.",
    )


def read_config(name: str, folder: Path) -> dict[str, Any]:
    """Return config.json as it is written."""
    return _read_json(name, folder / "config.json")


def check_keys(name: str, source: str, **problems: Iterable[object]) -> None:
    """Raise `ModelNotLoaded` when loading left weights missing, unexpected or misshapen."""
    found = {problem: sorted(map(str, keys)) for problem, keys in problems.items() if keys}
    if found:
        words = "; ".join(f"{problem} {_listed(keys)}" for problem, keys in found.items())
        raise ModelNotLoaded(
            f"'{name}': the weights in {source} do not fit the model: {words}",
            "The checkpoint is incomplete, or was made for another model.",
        )


def _indexed(name: str, index: Path) -> list[Path]:
    weights = _read_json(name, index).get("weight_map")
    if not isinstance(weights, Mapping) or not weights:
        raise ModelNotLoaded(
            f"'{name}': {index} is not an index of weights", "Fetch the file again."
        )
    return sorted({index.parent / str(file) for file in weights.values()})


def _check_complete(name: str, files: list[Path]) -> None:
    shard = next((file for file in files if SHARD.search(file.stem)), None)
    if shard:
        raise ModelNotLoaded(
            f"'{name}': {shard} is one of several, and the index that lists them is missing",
            "The download is not complete; fetch the checkpoint again.",
        )


def _read_json(name: str, file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelNotLoaded(
            f"'{name}': {file} cannot be read: {error}", "Fetch the file again."
        ) from error
    if not isinstance(found, dict):
        raise ModelNotLoaded(f"'{name}': {file} is not a table", "Fetch the file again.")
    return found


def _listed(keys: list[str], limit: int = 5) -> str:
    more = f" and {len(keys) - limit} more" if len(keys) > limit else ""
    return ", ".join(keys[:limit]) + more
