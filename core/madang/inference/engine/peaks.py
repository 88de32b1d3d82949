"""Where the high scores of a vocabulary are, found without sorting it.

A vocabulary is cut into blocks of neighbours. The `n` highest scores lie in the `n` blocks
with the highest tops (scores that equal the lowest of these tops may lie elsewhere too), and
taking the top of every block is the only pass over everything.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

BLOCK = 128  # tokens; fastest on a CPU for vocabularies of 32,000 and of 128,256


def padded(vocabulary: int) -> int:
    """Return the columns of a score matrix: whole blocks, and at least one spare column."""
    return (vocabulary // BLOCK + 1) * BLOCK


@dataclass(frozen=True)
class Peaks:
    """Hold fp32 scores by block (rows, blocks, BLOCK), the tops of the blocks, and the best.

    `tokens` are the best ones' columns; of equals the first, as `argmax` has it. A score that is
    not a number makes its row's best one not a number.
    """

    blocks: "torch.Tensor"
    tops: "torch.Tensor"
    best: "torch.Tensor"
    tokens: "torch.Tensor"

    def scores(self, rows: "torch.Tensor") -> "torch.Tensor":
        """Return a copy of all scores of some rows."""
        return self.blocks.flatten(1)[rows]


@dataclass(frozen=True)
class Candidates:
    """Hold the highest scores of each row: in the order of their columns, and `ranked`."""

    scores: "torch.Tensor"
    columns: "torch.Tensor"
    ranked: "torch.Tensor"


def peaks(scores: "torch.Tensor") -> Peaks:
    """Find the tops of `scores`, fp32 of `padded` width."""
    import torch

    blocks = scores.view(scores.shape[0], -1, BLOCK)
    tops = blocks.amax(2)
    block = tops.argmax(1, keepdim=True)
    rows = torch.arange(len(scores), device=scores.device)[:, None]
    column = blocks[rows, block].squeeze(1).argmax(1)
    best = tops.gather(1, block).squeeze(1)
    return Peaks(blocks, tops, best, block.squeeze(1) * BLOCK + column)


def candidates(found: Peaks, rows: "torch.Tensor", count: int) -> Candidates:
    """Take the `count` highest scores of `rows`, on a CPU."""
    import numpy as np
    import torch

    blocks = found.tops.shape[1]
    # With blocks and positions in ascending order, so are the columns.
    high = found.tops[rows].topk(min(count, blocks)).indices.sort(1).values
    flat = (rows[:, None] * blocks + high).flatten()
    scores = found.blocks.flatten(0, 1).index_select(0, flat).view(len(rows), -1)
    # numpy's partition takes half the time of topk, and does not wait for other threads.
    split = np.argpartition(scores.numpy(), -count, axis=1)[:, -count:]
    positions = torch.from_numpy(split).sort(1).values
    columns = high.gather(1, positions // BLOCK) * BLOCK + positions % BLOCK
    part = scores.gather(1, positions)
    return Candidates(part, columns, ranked(part))


def ranked(scores: "torch.Tensor") -> "torch.Tensor":
    """Return each row of `scores` in descending order."""
    import numpy as np
    import torch

    if scores.is_cpu:  # numpy sorts four times as fast
        return torch.from_numpy(np.sort(scores.numpy(), axis=1)).flip(1)
    return scores.sort(descending=True).values
