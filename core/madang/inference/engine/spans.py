"""Whose tokens a step computes, and in which blocks their keys and values lie."""

from collections.abc import Sequence as List
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False, kw_only=True)
class Spans:
    """Hold what kernels need to know of the sequences of a step; all but `slots` are int32.

    `slots` is `[tokens]`: where each token's key goes, counted over all blocks. `tables` is
    `[sequences, blocks]`, `lengths` counts the keys of each sequence, its new ones included, and
    `starts` is `[sequences + 1]`: the tokens before each. The host knows the longest of each, and
    `chunks`, the first position and the number of the tokens of each sequence; None where every
    sequence has one token and only the device knows which.
    """

    slots: "torch.Tensor"
    tables: "torch.Tensor"
    lengths: "torch.Tensor"
    starts: "torch.Tensor"
    most_tokens: int
    most_keys: int
    chunks: tuple[tuple[int, int], ...] | None

    @cached_property
    def key_starts(self) -> "torch.Tensor":
        """Return the keys before each sequence, `[sequences + 1]`, as if they lay side by side."""
        import torch

        return torch.nn.functional.pad(self.lengths.cumsum(0, dtype=torch.int32), (1, 0))


def spans_of(chunks: List[Chunk], size: int, device: "torch.device") -> Spans:
    """Look up the blocks of `size` tokens that a step reads and writes."""
    import torch

    slots: list[int] = []
    starts = [0]
    lengths = [chunk.start + chunk.count for chunk in chunks]
    width = -(-max(lengths) // size)
    tables: list[int] = []
    for chunk, length in zip(chunks, lengths, strict=True):
        table = chunk.sequence.blocks[: -(-length // size)]
        slots += [table[at // size] * size + at % size for at in range(chunk.start, length)]
        starts.append(len(slots))
        tables += table + [0] * (width - len(table))
    count = len(chunks)
    # One copy to the device instead of three.
    numbers = upload([*starts, *lengths, *tables], torch.int32, device)
    return Spans(
        slots=upload(slots, torch.long, device),
        tables=numbers[2 * count + 1 :].view(count, width),
        lengths=numbers[count + 1 : 2 * count + 1],
        starts=numbers[: count + 1],
        most_tokens=max(chunk.count for chunk in chunks),
        most_keys=max(lengths),
        chunks=tuple((chunk.start, chunk.count) for chunk in chunks),
    )
