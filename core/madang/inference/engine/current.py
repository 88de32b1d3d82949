"""What the model's own code cannot pass on: the step that this thread computes.

Attention functions and linear layers are called by transformers with tensors only. What else they
need to know (whose tokens these are, where their keys lie, which adapter speaks) waits here.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

    from madang.inference.engine.stacked import Columns


class Attend(Protocol):
    """Compute the attention of one layer for all tokens of a step."""

    def __call__(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        bend: "Bend",
        /,
    ) -> "torch.Tensor":
        """Take `[heads, tokens, width]` each and return `[tokens, heads, width]`."""
        ...


@dataclass(frozen=True, slots=True)
class Bend:
    """Say how a layer's scores differ from plain causal ones.

    `scale` multiplies them, `window` is how many tokens back are seen (0: all), `softcap` is the
    bound they approach (0: none).
    """

    scale: float
    window: int = 0
    softcap: float = 0.0


@dataclass(slots=True)
class Current:
    """Hold one step: its attention, and for each token which adapter speaks (None: the base).

    The output layer sees some of the tokens only: those at the places `kept`, None where all are.
    """

    attend: Attend
    adapters: "torch.Tensor | None" = None
    kept: "torch.Tensor | None" = None
    masks: "dict[tuple[Columns, int], torch.Tensor]" = field(default_factory=dict)
    angles: "tuple[torch.Tensor, torch.Tensor] | None" = None


class _Here(threading.local):
    step: Current | None = None


_here = _Here()


@contextmanager
def computing(step: Current) -> Iterator[None]:
    """Have the model's layers see `step` while the block runs."""
    _here.step = step
    try:
        yield
    finally:
        _here.step = None


def current() -> Current:
    """Return the step that is being computed."""
    if _here.step is None:
        raise RuntimeError("a prepared model was called outside of its engine")
    return _here.step
