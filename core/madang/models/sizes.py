"""Sizes of a model that is not here, from the numbers of its architecture.

Biases are left out and norms counted as two a layer: next to the matrices they are nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from madang.inference.memory import Need

UNGATED = ("gpt_neox", "gpt2")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Hold the numbers of a decoder's architecture, as its config.json states them."""

    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context: int
    gated: bool
    tied: bool

    @classmethod
    def of(cls, config: Mapping[str, object]) -> "Shape":
        """Read a config.json; `ValueError` names the number that is missing."""
        hidden, heads = _number(config, "hidden_size"), _number(config, "num_attention_heads")
        return cls(
            layers=_number(config, "num_hidden_layers", "num_layers"),
            hidden=hidden,
            ffn=_number(config, "intermediate_size"),
            heads=heads,
            kv_heads=_number(config, "num_key_value_heads", otherwise=heads),
            head_dim=_number(config, "head_dim", otherwise=hidden // heads),
            vocabulary=_number(config, "vocab_size"),
            context=_number(config, "max_position_embeddings", otherwise=0),
            gated=config.get("model_type") not in UNGATED,
            tied=config.get("tie_word_embeddings") is True,
        )

    @property
    def need(self) -> Need:
        """Count the weights and the KV cache, as the headers of the files would."""
        attention = self.hidden * self.head_dim * 2 * (self.heads + self.kv_heads)
        mlp = (3 if self.gated else 2) * self.hidden * self.ffn
        rows = (self.heads + 2 * self.kv_heads) * self.head_dim + 2 * self.hidden
        rows += (2 if self.gated else 1) * self.ffn
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return Need(
            matrices=self.layers * (attention + mlp),
            others=embeddings + self.hidden * (2 * self.layers + 1),
            rows=self.layers * rows,
            kv_numbers=2 * self.layers * self.kv_heads * self.head_dim,
            context=self.context,
        )

    def adapter_numbers(self, rank: int, targets: Iterable[str]) -> int:
        """Count a LoRA adapter: `rank` rows in and out of each target, in each layer."""
        inner = {
            "q_proj": self.heads * self.head_dim,
            "k_proj": self.kv_heads * self.head_dim,
            "v_proj": self.kv_heads * self.head_dim,
            "query_key_value": 3 * self.hidden,
            **dict.fromkeys(("gate_proj", "up_proj", "down_proj"), self.ffn),
        }
        return (
            self.layers
            * rank
            * sum(self.hidden + inner.get(target, self.hidden) for target in targets)
        )


def _number(config: Mapping[str, object], *names: str, otherwise: int | None = None) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    if otherwise is None:
        raise ValueError(f"config.json has no {names[0]}")
    return otherwise
