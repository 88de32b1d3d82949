"""A decoder layer of the most common build, without what costs time and does nothing.

Llama, Mistral, Qwen 2 and Qwen 3 share it: normalise, attend with turned queries and keys, add;
normalise, a gated MLP, add (https://arxiv.org/abs/2302.13971, section 2.2). Transformers computes
it in some sixty operations; for the few tokens of a decode step calling them takes a third of the
time. Here they are about twenty, and the numbers are the same up to rounding.
"""

from typing import Any

import torch
from torch import nn
from torch.nn.functional import rms_norm

from madang.inference.engine.current import Bend, current
from madang.inference.engine.linear import Fused, onto

LAYERS = frozenset(
    {"LlamaDecoderLayer", "MistralDecoderLayer", "Qwen2DecoderLayer", "Qwen3DecoderLayer"}
)


class Layer(nn.Module):
    """Compute what `layer` does; its linear layers were replaced already.

    `qkv` computes queries, keys and values side by side.
    """

    def __init__(self, layer: Any, qkv: Fused) -> None:
        super().__init__()
        attention = layer.self_attn
        self.layer_idx: int = attention.layer_idx
        self.input_layernorm = layer.input_layernorm
        self.post_attention_layernorm = layer.post_attention_layernorm
        self.mlp = layer.mlp
        self.o_proj = attention.o_proj
        self.qkv = qkv
        self.q_norm = getattr(attention, "q_norm", None)
        self.k_norm = getattr(attention, "k_norm", None)
        self._width: int = attention.head_dim
        self._heads: int = attention.config.num_attention_heads
        self._turned = self._heads + attention.config.num_key_value_heads
        self._scale: float = attention.scaling
        self._bend = Bend(1.0, window=_window(layer))

    def forward(
        self,
        x: torch.Tensor,
        position_embeddings: tuple[torch.Tensor, torch.Tensor],
        **_: object,
    ) -> torch.Tensor:
        """Take and return `[1, tokens, width]`; positions come as their cosines and sines."""
        x = self._attended(x, *position_embeddings)
        return onto(self.mlp, _normalised(self.post_attention_layernorm, x), x)

    def _attended(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        states = self.qkv(_normalised(self.input_layernorm, x))
        states = states.view(x.shape[1], -1, self._width)
        turning, values = states[:, : self._turned], states[:, self._turned :]
        if self.q_norm is not None:
            turning = torch.cat(
                (
                    _normalised(self.q_norm, turning[:, : self._heads]),
                    _normalised(self.k_norm, turning[:, self._heads :]),
                ),
                1,
            )
        cos, sin = self._angles(cos, sin)
        turned = torch.addcmul(turning * cos, turning.roll(self._width // 2, -1), sin)
        found = current().attend(
            self.layer_idx,
            turned[:, : self._heads].transpose(0, 1),
            turned[:, self._heads :].transpose(0, 1),
            values.transpose(0, 1),
            self._bend,
        )
        return onto(self.o_proj, found.reshape(*x.shape[:2], -1), x)

    def _angles(self, cos: torch.Tensor, sin: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what all heads are turned by, `[tokens, heads, width]`; made once a step.

        The queries' have the scale of the scores in them, the sines the sign of the rotation.
        """
        step = current()
        if step.angles is None:
            scale = cos.new_ones(self._turned, 1)
            scale[: self._heads] = self._scale
            signed = torch.cat((-sin[..., : self._width // 2], sin[..., self._width // 2 :]), -1)
            step.angles = cos[0, :, None] * scale, signed[0, :, None] * scale
        return step.angles


def _window(layer: Any) -> int:
    """Return how many tokens back a layer sees, 0 for all."""
    attention = layer.self_attn
    # Mistral's attention asks its config in every call; a Llama's config may say it in vain.
    known = attention.config if type(layer).__name__ == "MistralDecoderLayer" else attention
    return getattr(known, "sliding_window", None) or 0


def _normalised(norm: Any, x: torch.Tensor) -> torch.Tensor:
    """Divide by the root mean square (https://arxiv.org/abs/1910.07467, equation 4)."""
    return rms_norm(x, norm.weight.shape, norm.weight, norm.variance_epsilon)
