"""The tensors that a step begins with."""

from collections.abc import Mapping
from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch

BASE = -1  # where an adapter would have its number


@dataclass(frozen=True)
class Batch:
    """Hold the tokens of all chunks one after the other, as one row.

    `ids` and `positions` are `[1, tokens]`; `adapters` is `[tokens]`, or None where the base
    speaks alone; `kept` lists the places that are sampled, and 0 means all. `unknown` gives the
    places of tokens that are still being drawn.
    """

    ids: "torch.Tensor"
    positions: "torch.Tensor"
    adapters: "torch.Tensor | None"
    kept: "torch.Tensor | int"
    unknown: Mapping[Sequence, int]


def batch_of(chunks: List[Chunk], adapters: Mapping[str, int], device: "torch.device") -> Batch:
    """Lay out the tokens of `chunks`; `adapters` are their numbers by name."""
    import torch

    ids: list[int] = []
    positions: list[int] = []
    spoken: list[int] = []
    kept: list[int] = []
    unknown: dict[Sequence, int] = {}
    for chunk in chunks:
        sequence, end = chunk.sequence, chunk.start + chunk.count
        ids += sequence.tokens[chunk.start : end]
        if end > len(sequence.tokens):
            unknown[sequence] = len(ids)
            ids.append(0)
        positions += range(chunk.start, end)
        spoken += [adapters.get(sequence.adapter, BASE)] * chunk.count
        if chunk.samples:
            kept.append(len(ids) - 1)
    base = all(number == BASE for number in spoken)
    return Batch(
        ids=upload(ids, torch.long, device).unsqueeze(0),
        positions=upload(positions, torch.long, device).unsqueeze(0),
        adapters=None if base else upload(spoken, torch.long, device),
        kept=0 if len(kept) == len(ids) else upload(kept or [0], torch.long, device),
        unknown=unknown,
    )
