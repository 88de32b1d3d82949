"""A loaded model made ready for the engine: adapters stacked, layers fused, weights packed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from madang.inference.engine.attention import NAME, register_attention
from madang.inference.engine.layer import LAYERS, Layer
from madang.inference.engine.linear import Added, Fused, GatedMLP, MakeWeight, Part
from madang.inference.engine.stacked import Delta, Stack
from madang.inference.engine.weight import Activation, PackedWeight, Weight, can_pack

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TOGETHER = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))
GATED_MLP = {"gate_proj", "up_proj", "down_proj", "act_fn"}
WORTH_PACKING = 512  # inputs, from which a product takes longer than calling oneDNN

Deltas = dict[nn.Module, list[Delta]]


def prepare(model: "PreTrainedModel", deltas: Deltas) -> None:
    """Replace a model's attention and linear layers by the engine's, in place.

    `deltas` are what adapters add, by the layer that they add it to; it is empty afterwards. Each
    weight is given up as soon as its replacement is made, so that this takes little more memory
    than the model has already.
    """
    register_attention()
    _Preparation(deltas, pack=can_pack(model.device, model.dtype)).visit(model)
    model.set_attn_implementation(NAME)


class _Preparation:
    def __init__(self, deltas: Deltas, *, pack: bool) -> None:
        self._deltas = deltas
        self._pack = pack

    def visit(self, parent: nn.Module) -> None:
        """Replace what is below `parent`."""
        for names in TOGETHER:
            self._fuse(parent, names)
        for name, child in list(parent.named_children()):
            made = self._made(child)
            if made is None:
                self.visit(child)
                made = _layer(child)
            if made is not None:
                setattr(parent, name, made)

    def _made(self, child: nn.Module) -> nn.Module | None:
        """Return what replaces one module, None when it stays."""
        if self._is_gated_mlp(child):
            return self._gated_mlp(child)
        if type(child) is nn.Linear and (child in self._deltas or self._packs(child)):
            return self._fused([child])
        if child in self._deltas:
            deltas = self._deltas.pop(child)
            return Added(child, deltas, deltas[0].up.shape[0])
        return None

    def _fuse(self, parent: nn.Module, names: Sequence[str]) -> None:
        """Compute together what reads the same input; a gated MLP has a faster way."""
        children = dict(parent.named_children())
        layers = [child for name in names if type(child := children.get(name)) is nn.Linear]
        if len(layers) < len(names) or len({layer.in_features for layer in layers}) > 1:
            return
        whole = self._fused(layers)
        at = 0
        for name, layer in zip(names, layers, strict=True):
            outputs = slice(at, at + layer.out_features)
            setattr(parent, name, Part(whole, outputs))
            at = outputs.stop

    def _fused(self, layers: Sequence[nn.Linear]) -> Fused:
        make: MakeWeight = PackedWeight if all(map(self._packs, layers)) else Weight
        return Fused(layers, self._stack(layers), make)

    def _is_gated_mlp(self, module: nn.Module) -> bool:
        children = dict(module.named_children())
        return (
            children.keys() == GATED_MLP
            and self._packs(children["gate_proj"])
            and self._packs(children["up_proj"])
            and _activation(children["act_fn"]) is not None
        )

    def _gated_mlp(self, mlp: nn.Module) -> GatedMLP:
        children: dict[str, nn.Module] = dict(mlp.named_children())
        gate, up, down = (children[name] for name in ("gate_proj", "up_proj", "down_proj"))
        activation = _activation(children["act_fn"])
        assert isinstance(gate, nn.Linear) and isinstance(up, nn.Linear) and activation
        return GatedMLP(gate, up, self._made(down) or down, activation, self._stack([gate, up]))

    def _packs(self, layer: nn.Module) -> bool:
        return (
            self._pack
            and type(layer) is nn.Linear
            and layer.weight.is_floating_point()
            and layer.in_features >= WORTH_PACKING
        )

    def _stack(self, layers: Sequence[nn.Linear]) -> Stack:
        return Stack([self._deltas.pop(layer, []) for layer in layers])


def _layer(child: Any) -> Layer | None:
    """Return what replaces a decoder layer of which the parts were replaced, None for others."""
    if type(child).__name__ not in LAYERS:
        return None
    query = child.self_attn.q_proj
    return Layer(child, query.whole) if isinstance(query, Part) else None


def _activation(function: nn.Module) -> Activation | None:
    """Name an activation that oneDNN has; others stay with the model's own code."""
    from transformers import activations as known

    named: dict[type[nn.Module], Activation] = {
        nn.SiLU: "silu",
        known.SiLUActivation: "silu",
        known.GELUTanh: "gelu_tanh",
        known.GELUActivation: "gelu",
    }
    return named.get(type(function))
