"""The attention function that transformers calls in every layer of a prepared model."""

from functools import cache
from typing import TYPE_CHECKING, Any

from madang.inference.engine.current import Bend, current

if TYPE_CHECKING:
    import torch

NAME = "madang"
IGNORED = frozenset({"dropout", "is_causal", "position_ids", "use_cache", "cache_position"})


@cache
def register_attention() -> None:
    """Make `attn_implementation="madang"` known to transformers, which builds no mask for it."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attention)


def _attention(
    module: "torch.nn.Module",
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **more: Any,
) -> "tuple[torch.Tensor, None]":
    """Take `[1, heads, tokens, width]` each; the tokens are those of all requests of the step."""
    unknown = {name for name, given in more.items() if given is not None} - IGNORED
    if unknown or not getattr(module, "is_causal", True):
        what = ", ".join(sorted(unknown)) or "looking ahead"
        raise NotImplementedError(f"its attention asks for {what}")
    bend = Bend(
        query.shape[-1] ** -0.5 if scaling is None else scaling,
        sliding_window or 0,
        softcap or 0.0,
    )
    layer: Any = module.layer_idx
    return current().attend(layer, query[0], key[0], value[0], bend).unsqueeze(0), None
