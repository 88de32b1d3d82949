"""Linear layers as the engine wants them: fused where they read the same input."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn

from madang.inference.engine.current import current
from madang.inference.engine.stacked import Extension, Stack
from madang.inference.engine.weight import Activation, PackedWeight, Weight

if TYPE_CHECKING:
    from madang.inference.engine.stacked import Delta

MakeWeight = Callable[["torch.Tensor", "torch.Tensor | None"], Weight]


class Fused(nn.Module):
    """Compute several linear layers of one input as one product."""

    def __init__(self, layers: Sequence[nn.Linear], stack: Stack, make: MakeWeight) -> None:
        super().__init__()
        self._extend = Extension(stack, make(stack.down(), None)) if stack else None
        weights = [extended(layer, stack, number) for number, layer in enumerate(layers)]
        self._weight = make(torch.cat(weights), joined_bias(layers))
        self._parts = len(layers)
        self._shared: tuple[torch.Tensor, torch.Tensor, int] | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs of all layers side by side."""
        return self._weight(self._extend(x) if self._extend else x)

    def onto(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Return the outputs added to `other`."""
        return self._weight.onto(self._extend(x) if self._extend else x, other)

    def share(self, x: torch.Tensor) -> torch.Tensor:
        """Compute once for all parts, which are called with the same tensor."""
        known, out, left = self._shared or (None, x, 0)
        if known is not x:
            out, left = self(x), self._parts
        self._shared = (x, out, left - 1) if left > 1 else None
        return out


class Part(nn.Module):
    """Be one of several layers that are computed together."""

    def __init__(self, whole: Fused, outputs: slice) -> None:
        super().__init__()
        self._whole = [whole]  # in a list, or it would be registered as a part of each part
        self._outputs = outputs

    @property
    def whole(self) -> Fused:
        """Return what computes all of the layers."""
        return self._whole[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return this layer's share of the outputs."""
        return self.whole.share(x)[..., self._outputs]


class GatedMLP(nn.Module):
    """Compute `down(activation(gate(x)) * up(x))` with what lies between done by oneDNN."""

    def __init__(
        self,
        gate: nn.Linear,
        up: nn.Linear,
        down: nn.Module,
        activation: Activation,
        stack: Stack,
    ) -> None:
        super().__init__()
        self._extend = Extension(stack, PackedWeight(stack.down())) if stack else None
        self._gate = PackedWeight(extended(gate, stack, 0), gate.bias)
        self._up = PackedWeight(extended(up, stack, 1), up.bias)
        self._activation = activation
        self.down_proj = down

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        out: torch.Tensor = self.down_proj(self._between(x))
        return out

    def onto(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Return the block's output added to `other`."""
        return onto(self.down_proj, self._between(x), other)

    def _between(self, x: torch.Tensor) -> torch.Tensor:
        if self._extend:
            x = self._extend(x)
        return self._up.times(x, self._gate.activated(x, self._activation))


class Added(nn.Module):
    """Add what adapters say to a layer whose own weight cannot be joined, such as a quantised."""

    def __init__(self, base: nn.Module, deltas: "Sequence[Delta]", outputs: int) -> None:
        super().__init__()
        stack = Stack([deltas])
        self.base = base
        self._extension = Extension(stack, Weight(stack.down()))
        self._up = Weight(stack.up(0, outputs))
        self._dtype = deltas[0].down.dtype  # of the adapters, where the base's own is no float

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the base's output, with the adapters' where any speaks."""
        out: torch.Tensor = self.base(x)
        if current().adapters is None:
            return out
        return out + self._up(self._extension.columns(x.to(self._dtype))).to(out.dtype)


def onto(module: nn.Module, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return what a module makes of `x`, added to `other`."""
    if isinstance(module, Fused | GatedMLP):
        return module.onto(x, other)
    out: torch.Tensor = module(x)
    return out.add_(other)


def extended(layer: nn.Linear, stack: Stack, number: int) -> torch.Tensor:
    """Return a layer's weight, followed by the columns of the stack."""
    if not stack:
        return layer.weight
    return torch.cat((layer.weight, stack.up(number, layer.out_features)), dim=1)


def joined_bias(layers: Sequence[nn.Linear]) -> torch.Tensor | None:
    """Return the biases one after the other, zeros for a layer without; None without any."""
    if all(layer.bias is None for layer in layers):
        return None
    return torch.cat(
        [
            layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias
            for layer in layers
        ]
    )
