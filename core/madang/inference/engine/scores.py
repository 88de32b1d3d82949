"""Scores of queries against keys, as every fallback computes them: two products and a softmax."""

from typing import TYPE_CHECKING

from madang.inference.engine.current import Bend

if TYPE_CHECKING:
    import torch


def attend_masked(
    query: "torch.Tensor",
    keys: "torch.Tensor",
    values: "torch.Tensor",
    mask: "torch.Tensor",
    shape: tuple[int, int, int],
    bend: Bend,
) -> "torch.Tensor":
    """Return `softmax(query @ keys * scale + mask) @ values`, `[batch, queries, width]`.

    `query` is `[batch, queries, width]`; `keys` lie transposed, `[batch, width, tokens]`, which
    saves oneDNN a copy; `values` are `[batch, tokens, width]`. `mask` is added to the scores seen
    as `[*shape, tokens]`, of which it has the last ones and against which it broadcasts.
    """
    import torch

    scores = torch.bmm(query if bend.scale == 1 else query * bend.scale, keys)
    if bend.softcap:
        scores = torch.tanh(scores / bend.softcap) * bend.softcap
    scores.view(*shape, -1)[..., -mask.shape[-1] :].add_(mask)
    return torch.bmm(scores.softmax(-1), values)


def hide(seen: "torch.Tensor", dtype: "torch.dtype") -> "torch.Tensor":
    """Turn what may be seen into what is added to scores: 0, or the least number there is."""
    import torch

    hidden = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
    return hidden.masked_fill_(~seen, torch.finfo(dtype).min)
