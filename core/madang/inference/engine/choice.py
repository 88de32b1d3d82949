"""The random choice of one token a row, among those that the row's limits let through.

The limits are those of transformers' warpers, in the order of `generate`: temperature, top-k,
top-p, min-p. Each lets through the scores from some border on, so a row keeps what reaches the
highest of its borders; equals are kept or cut together. A token is found from one uniform number
by the inverse of the cumulative distribution in the order of the vocabulary, which does not
depend on how the candidates were found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.inference.engine.peaks import BLOCK
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch

COLDEST = 1e-30  # temperature; what is colder leaves the range of fp32
BELOW_ONE = 1 - 2**-40  # shares above this could point behind the last token


@dataclass(frozen=True)
class Limits:
    """Hold the limits of some rows, each a column; `floor` is min-p, as a distance to the best.

    What is off is 0 in `top_k` and infinite in `top_p` and `floor`.
    """

    temperature: "torch.Tensor"
    top_k: "torch.Tensor"
    top_p: "torch.Tensor"
    floor: "torch.Tensor"

    def at(self, rows: "torch.Tensor") -> "Limits":
        """Return the limits of `rows` only."""
        parts = (self.temperature, self.top_k, self.top_p, self.floor)
        return Limits(*(part[rows] for part in parts))


def limits(samplings: Sequence[Sampling], device: "torch.device") -> Limits:
    """Put the limits of several rows on the device."""
    import torch

    heat = [max(one.temperature, COLDEST) for one in samplings]
    top_p = [one.top_p if one.top_p < 1 else inf for one in samplings]
    floor = [
        -log(one.min_p) * warm if one.min_p else inf
        for one, warm in zip(samplings, heat, strict=True)
    ]
    return Limits(
        upload(heat, torch.float32, device)[:, None],
        upload([one.top_k for one in samplings], torch.long, device)[:, None],
        upload(top_p, torch.float64, device)[:, None],
        upload(floor, torch.float32, device)[:, None],
    )


def border(
    scores: "torch.Tensor",
    weighed: "torch.Tensor",
    ranked: "torch.Tensor",
    best: "torch.Tensor",
    asked: Limits,
    mass: "torch.Tensor | None" = None,
) -> "torch.Tensor":
    """Return the lowest score that each row keeps, as a column.

    `ranked` are the highest scores in descending order, as many as the limits may look at; where
    they end too early, the border is the last of them. `mass` is the sum of all weights of rows
    without top-k, where `scores` are not all of them.
    """
    import torch

    kth = ranked.gather(1, (asked.top_k - 1).clamp(0, ranked.shape[1] - 1))
    kth.masked_fill_(asked.top_k == 0, -inf)
    if mass is None:
        mass = (weighed * (scores >= kth)).sum(1, keepdim=True)
    heads = weigh(ranked.clone(), best, asked).double() * (ranked >= kth)
    before = heads.cumsum(1) - heads
    count = (before < asked.top_p * mass).sum(1, keepdim=True).clamp(min=1)
    nucleus = ranked.gather(1, count - 1).masked_fill_(asked.top_p == inf, -inf)
    return torch.maximum(torch.maximum(kth, nucleus), best - asked.floor)


def weigh(scores: "torch.Tensor", best: "torch.Tensor", asked: Limits) -> "torch.Tensor":
    """Turn `scores` in place into weights; the `best` one of each row, a column, weighs 1."""
    return scores.sub_(best).div_(asked.temperature).exp_()


def pick(weighed: "torch.Tensor", uniform: "torch.Tensor") -> "torch.Tensor":
    """Return the column at the share `uniform`, one fp64 number in [0, 1) a row, of all weight."""
    import torch

    if weighed.shape[1] % BLOCK:
        return _reach(weighed.double(), uniform)[0]
    blocks = weighed.view(len(weighed), -1, BLOCK)
    block, share = _reach(blocks.sum(2).double(), uniform)
    rows = torch.arange(len(weighed), device=weighed.device)
    return block * BLOCK + _reach(blocks[rows, block].double(), share)[0]


def _reach(weighed: "torch.Tensor", share: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor]":
    """Return the first column that reaches beyond `share`, and the share of it that is needed."""
    import torch

    ends = weighed.cumsum(1)
    goal = ends[:, -1:] * share[:, None].clamp(max=BELOW_ONE)
    column = torch.searchsorted(ends, goal, right=True).clamp(max=weighed.shape[1] - 1)
    inside = weighed.gather(1, column)
    into = (goal - ends.gather(1, column) + inside) / inside
    return column.squeeze(1), into.squeeze(1).clamp(min=0)
