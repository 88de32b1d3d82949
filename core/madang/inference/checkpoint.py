"""The files of a checkpoint, checked before anything big is read."""

import json
from collections.abc import Iterable
from pathlib import Path

from madang.errors import ModelNotLoaded


def check_weights(name: str, folder: Path) -> None:
    """Open the header of every safetensors file; `ModelNotLoaded` names the one that is bad.

    The header holds the length of the file, so a broken download shows here.
    """
    from safetensors import SafetensorError, safe_open

    files = _weight_files(name, folder)
    if not files:
        raise ModelNotLoaded(
            f"'{name}': {folder} holds no safetensors weights",
            "Only safetensors files are read; convert the checkpoint or choose another one.",
        )
    for file in files:
        try:
            with safe_open(file, framework="numpy"):
                pass
        except (SafetensorError, OSError) as error:
            raise ModelNotLoaded(
                f"'{name}': {file} cannot be read: {error}",
                "The file is missing, cut short or damaged; delete it and fetch it again.",
            ) from error


def _weight_files(name: str, folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return sorted(folder.glob("*.safetensors"))
    try:
        weights: dict[str, str] = json.loads(index.read_text("utf-8"))["weight_map"]
    except (ValueError, KeyError, AttributeError) as error:
        raise ModelNotLoaded(
            f"'{name}': {index} is not an index of weights: {error}", "Fetch the file again."
        ) from error
    return sorted({folder / file for file in weights.values()})


def check_keys(name: str, source: str, **problems: Iterable[object]) -> None:
    """Raise `ModelNotLoaded` when loading left weights missing, unexpected or misshapen."""
    found = {problem: sorted(map(str, keys)) for problem, keys in problems.items() if keys}
    if found:
        words = "; ".join(f"{problem} {_listed(keys)}" for problem, keys in found.items())
        raise ModelNotLoaded(
            f"'{name}': the weights in {source} do not fit the model: {words}",
            "The checkpoint is incomplete, or was made for another model.",
        )


def _listed(keys: list[str], limit: int = 5) -> str:
    more = f" and {len(keys) - limit} more" if len(keys) > limit else ""
    return ", ".join(keys[:limit]) + more
