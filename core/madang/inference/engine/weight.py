"""One weight matrix, prepared once for all the products it will be in."""

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

Activation = Literal["silu", "gelu", "gelu_tanh"]

# What oneDNN calls them, with the variant.
ACTIVATIONS: dict[str, tuple[str, str]] = {
    "silu": ("swish", ""),
    "gelu": ("gelu", "none"),
    "gelu_tanh": ("gelu", "tanh"),
}


class Weight:
    """Multiply by `[outputs, inputs]`, transposed, and add a bias."""

    def __init__(self, weight: "torch.Tensor", bias: "torch.Tensor | None" = None) -> None:
        self._weight = weight
        self._bias = bias

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        """Return `x @ weight.T + bias`."""
        import torch

        return torch.nn.functional.linear(x, self._weight, self._bias)

    def onto(self, x: "torch.Tensor", other: "torch.Tensor") -> "torch.Tensor":
        """Return the product added to `other`."""
        return self(x).add_(other)


class PackedWeight(Weight):
    """Multiply on a CPU by a weight in oneDNN's own order.

    A plain weight is put into that order again at every product, which for a few tokens takes
    longer than the product (1.5 to 3 times as long in all, for 1 to 16 tokens).
    """

    def __init__(self, weight: "torch.Tensor", bias: "torch.Tensor | None" = None) -> None:
        import torch

        ops: Any = torch.ops.mkldnn
        super().__init__(ops._reorder_linear_weight(weight.contiguous()), bias)
        self._product = ops._linear_pointwise.default
        self._binary = ops._linear_pointwise.binary

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        """Return `x @ weight.T + bias`."""
        done: torch.Tensor = self._product(x, self._weight, self._bias, "none", [], "")
        return done

    def onto(self, x: "torch.Tensor", other: "torch.Tensor") -> "torch.Tensor":
        """Return the product added to `other`, computed on its way out."""
        done: torch.Tensor = self._binary(x, other, self._weight, self._bias, "add")
        return done

    def activated(self, x: "torch.Tensor", activation: Activation) -> "torch.Tensor":
        """Return the activation of the product, computed on its way out."""
        name, variant = ACTIVATIONS[activation]
        done: torch.Tensor = self._product(x, self._weight, self._bias, name, [], variant)
        return done

    def times(self, x: "torch.Tensor", factor: "torch.Tensor") -> "torch.Tensor":
        """Return the product multiplied by `factor`, computed on its way out."""
        done: torch.Tensor = self._binary(x, factor, self._weight, self._bias, "mul")
        return done


def can_pack(device: "torch.device", dtype: "torch.dtype") -> bool:
    """Say whether this build of torch prepares weights of `dtype`, by preparing a small one."""
    import torch

    onednn: Any = torch.backends.mkldnn  # untyped
    if device.type != "cpu" or not onednn.is_available():
        return False
    x = torch.ones(1, 1, 64, dtype=dtype)
    try:
        done = PackedWeight(torch.eye(64, dtype=dtype))(x)
    except (RuntimeError, AttributeError):
        return False
    return bool(torch.equal(done, x))
