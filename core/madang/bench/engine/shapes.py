"""Shapes of models that are made on the spot: real sizes, random weights, no download."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CONTEXT = 4096  # tokens; the longest conversation of the benches has 3,200


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Name the sizes of a Llama; `tied` shares the embedding with the output head."""

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    tied: bool = False
    rope_theta: float = 500_000.0

    @property
    def head_dim(self) -> int:
        """Return the numbers of one head."""
        return self.hidden // self.heads

    @property
    def parameters(self) -> int:
        """Count the parameters."""
        attention = 2 * self.hidden * (self.hidden + self.kv_heads * self.head_dim)
        layer = attention + 3 * self.hidden * self.ffn + 2 * self.hidden
        ends = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return self.layers * layer + ends + self.hidden

    def kv_numbers(self) -> int:
        """Count the numbers that one token's keys and values take."""
        return 2 * self.layers * self.kv_heads * self.head_dim

    def config(self) -> dict[str, object]:
        """Return the settings of transformers' Llama; without an end, every answer is full."""
        return {
            "vocab_size": self.vocabulary,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "intermediate_size": self.ffn,
            "max_position_embeddings": CONTEXT,
            "tie_word_embeddings": self.tied,
            "rope_parameters": {"rope_type": "default", "rope_theta": self.rope_theta},
            "bos_token_id": None,
            "eos_token_id": None,
        }


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "tiny": Shape(vocabulary=512, hidden=128, layers=2, heads=4, kv_heads=2, ffn=256),
        "200m": Shape(vocabulary=32_000, hidden=1024, layers=12, heads=16, kv_heads=4, ffn=2816),
        # As Llama 3.2 1B and Llama 3 8B state it in their config.json.
        "1b": Shape(
            vocabulary=128_256,
            hidden=2048,
            layers=16,
            heads=32,
            kv_heads=8,
            ffn=8192,
            tied=True,
        ),
        "8b": Shape(vocabulary=128_256, hidden=4096, layers=32, heads=32, kv_heads=8, ffn=14_336),
    }
)
