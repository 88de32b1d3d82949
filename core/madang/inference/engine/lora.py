"""The adapters that PEFT loaded, taken out of its layers."""

from typing import TYPE_CHECKING, Any

from madang.errors import UnsupportedParameter
from madang.inference.adapters import Adapters
from madang.inference.engine.stacked import Delta

if TYPE_CHECKING:
    from torch import nn


def take_deltas(adapters: Adapters) -> "dict[nn.Module, list[Delta]]":
    """Return what the adapters add to each linear layer, and leave the base without PEFT.

    Adapters are numbered in the order of `adapters.names`, and were checked before.
    """
    deltas: dict[nn.Module, list[Delta]] = {}
    for _, layer in adapters.layers():
        found = [
            _delta(number, layer, name)
            for number, name in enumerate(adapters.names)
            if name in layer.lora_A
        ]
        if found:
            deltas[layer.base_layer] = found
    adapters.unload()
    return deltas


def check_adapters(adapters: Adapters) -> None:
    """Raise `UnsupportedParameter` for what is no plain LoRA of linear layers."""
    for name in adapters.changing_biases():
        raise _refused(adapters, f"adapter '{name}'", "replaces biases of the base")
    for path, layer in adapters.layers():
        _check(adapters, path, layer)


def _delta(number: int, layer: Any, name: str) -> Delta:
    up = layer.lora_B[name]
    scaling = float(layer.scaling[name])
    return Delta(
        number,
        layer.lora_A[name].weight.detach(),
        up.weight.detach() * scaling,
        None if up.bias is None else up.bias.detach() * scaling,
    )


def _check(adapters: Adapters, path: str, layer: Any) -> None:
    from torch import nn

    base = getattr(layer, "base_layer", None)
    if variants := getattr(layer, "lora_variant", None):
        kinds = {type(variant).__name__ for variant in variants.values()}
        what = f"no plain LoRA but a {', '.join(sorted(kinds))}"
    elif not _is_lora(layer):
        what = "no LoRA of a linear layer"
    elif not isinstance(base, nn.Linear) or getattr(layer, "fan_in_fan_out", False):
        what = f"on a layer of type {type(base).__name__}"
    else:
        return
    raise _refused(adapters, "an adapter", f"is {what}, at {path}")


def _is_lora(layer: Any) -> bool:
    """Tell plain LoRA from what PEFT derives from it, such as AdaLoRA and embeddings."""
    from torch import nn

    parts = getattr(layer, "lora_A", {}).values()
    return bool(parts) and all(isinstance(part, nn.Linear) for part in parts)


def _refused(adapters: Adapters, which: str, what: str) -> UnsupportedParameter:
    return UnsupportedParameter(
        f"{which} of model '{adapters.model}' {what}",
        "The batching engine takes LoRA of linear layers, rslora and biases of its own included. "
        f'Set `engine = "plain"` of [models.{adapters.model}] to answer one request at a time.',
    )
