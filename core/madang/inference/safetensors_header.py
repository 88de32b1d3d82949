"""What a safetensors file says about itself, read without torch.

Format: https://huggingface.co/docs/safetensors/index#format — eight bytes with the length of a
JSON header, the header, then the data that it describes up to the last byte of the file.
"""

import json
import math
from pathlib import Path
from typing import BinaryIO, NamedTuple

from madang.errors import ModelNotLoaded

LONGEST = 100_000_000  # bytes of a header, the limit of the format


class Tensor(NamedTuple):
    """Describe a stored tensor; `dtype` is spelt as in the format, such as `BF16`."""

    dtype: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def numbers(self) -> int:
        """Count its elements."""
        return math.prod(self.shape)


def read_header(name: str, file: Path) -> dict[str, Tensor]:
    """Return the tensors of `file`; `ModelNotLoaded` when it is missing, cut short or damaged."""
    try:
        with file.open("rb") as opened:
            start, entries = _entries(opened)
            tensors = {key: _tensor(value) for key, value in entries.items()}
            ends = [value["data_offsets"][1] for value in entries.values()]
            _check_size(file, start + max(ends, default=0))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ModelNotLoaded(
            f"'{name}': {file} cannot be read: {error}",
            "The file is missing, cut short or damaged; delete it and fetch it again.",
        ) from error
    return tensors


def _entries(opened: BinaryIO) -> tuple[int, dict[str, dict[str, list[int]]]]:
    """Return where the data begins and what the header says of each tensor."""
    size = int.from_bytes(opened.read(8), "little")
    if not 2 <= size <= LONGEST:
        raise ValueError("it does not begin with the header of a safetensors file")
    entries = json.loads(opened.read(size))
    entries.pop("__metadata__", None)
    return 8 + size, entries


def _tensor(entry: dict[str, list[int]]) -> Tensor:
    start, end = entry["data_offsets"]
    return Tensor(str(entry["dtype"]), tuple(map(int, entry["shape"])), int(end) - int(start))


def _check_size(file: Path, expected: int) -> None:
    found = file.stat().st_size
    if found != expected:
        raise ValueError(f"it has {found:,} bytes and its header describes {expected:,}")
