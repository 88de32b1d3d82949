"""Adapters of one base, stacked: a batch may mix them all without a loop over them.

A LoRA layer adds `(x @ A.T) @ B.T * scaling` (https://arxiv.org/abs/2106.09685, equation 3). Here
the A of all adapters are one matrix and so are the B, and between the two products each token
keeps the columns of its own adapter. The B ride in the base's weight, whose inputs are followed by
these columns: two products a layer, whatever the mix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from madang.inference.engine.current import current
from madang.inference.engine.weight import Weight

if TYPE_CHECKING:
    import torch

Columns = tuple[int, ...]
"""The adapter, by number, that each column belongs to."""


@dataclass(frozen=True, eq=False)
class Delta:
    """Hold what adapter number `adapter` adds to one linear layer.

    `down` is `[rank, inputs]`, `up` `[outputs, rank]` with the scaling in it, `bias` `[outputs]`.
    """

    adapter: int
    down: "torch.Tensor"
    up: "torch.Tensor"
    bias: "torch.Tensor | None" = None


@dataclass
class Stack:
    """Gather the deltas of layers that read the same input."""

    layers: Sequence[Sequence[Delta]]
    columns: Columns = field(init=False)
    constants: Columns = field(init=False)

    def __post_init__(self) -> None:
        deltas = [delta for layer in self.layers for delta in layer]
        self.columns = tuple(d.adapter for d in deltas for _ in range(d.down.shape[0]))
        self.constants = tuple(d.adapter for d in deltas if d.bias is not None)

    def __bool__(self) -> bool:
        return bool(self.columns)

    def down(self) -> "torch.Tensor":
        """Return all A, `[columns, inputs]`."""
        import torch

        return torch.cat([delta.down for layer in self.layers for delta in layer])

    def up(self, layer: int, outputs: int) -> "torch.Tensor":
        """Return the B and biases of a layer under the columns of all, 0 under the others'."""
        width = len(self.columns) + len(self.constants)
        at, constant = 0, len(self.columns)
        up = next(delta.up for each in self.layers for delta in each).new_zeros(outputs, width)
        for number, each in enumerate(self.layers):
            for delta in each:
                rank = delta.up.shape[1]
                if number == layer:
                    up[:, at : at + rank] = delta.up
                at += rank
                if delta.bias is not None:
                    if number == layer:
                        up[:, constant] = delta.bias
                    constant += 1
        return up


class Extension:
    """Follow inputs by what the adapters of their tokens make of them."""

    def __init__(self, stack: Stack, down: Weight) -> None:
        self._columns = stack.columns
        self._constants = stack.constants
        self._down = down
        self._width = len(stack.columns) + len(stack.constants)

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        """Return `[1, tokens, inputs + columns]`; zeros where the base speaks."""
        import torch

        if current().adapters is None:
            return torch.nn.functional.pad(x, (0, self._width))
        return torch.cat((x, self.columns(x)), -1)

    def columns(self, x: "torch.Tensor") -> "torch.Tensor":
        """Return the columns alone."""
        import torch

        # Not a product with 0: what runs over in another adapter's column is no number then.
        tokens = x.shape[-2]
        own = torch.where(speaking(self._columns, tokens), self._down(x), 0)
        if not self._constants:
            return own
        constant = speaking(self._constants, tokens).to(x.dtype)
        return torch.cat((own, constant.unsqueeze(0)), -1)


def speaking(columns: Columns, tokens: int) -> "torch.Tensor":
    """Say which columns are of a token's adapter, `[tokens, columns]`; computed once a step.

    `tokens` are all of the step, or as many as the output layer sees.
    """
    step = current()
    key = columns, tokens
    if key not in step.masks:
        adapters = step.adapters
        if adapters is None:
            raise RuntimeError("nobody speaks through an adapter in this step")
        if step.kept is not None and tokens != len(adapters):
            adapters = adapters[step.kept]
        step.masks[key] = adapters[:, None] == _owners(columns, adapters.device)
    return step.masks[key]


@cache
def _owners(columns: Columns, device: "torch.device") -> "torch.Tensor":
    """Return the columns' adapters; kept, since a CUDA graph cannot copy from the host."""
    import torch

    return torch.tensor(columns, device=device)
