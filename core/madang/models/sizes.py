"""Sizes of weights and of the KV cache, from safetensors headers or from architecture numbers.

Quantised are the weights of linear layers except the output head, as bitsandbytes does through
transformers: int8 takes one byte and a float32 scale a row; NF4 takes half a byte, one byte for
every 64 weights and four for every 256 of those (double quantisation). Embeddings, the head and
the norms stay in the computing dtype.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

GIB = 2**30
DTYPES = {"float32": 4, "float16": 2, "bfloat16": 2, "auto": 2}
NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
LARGEST_HEADER = 100_000_000  # bytes, as the safetensors format bounds it
KEPT = re.compile(r"(^|\.)(wte|wpe|embed_\w+|lm_head|embed_out|word_embeddings)\.")
UNGATED = ("gpt_neox", "gpt2")


@dataclass(frozen=True)
class Tensor:
    """Hold what a header says of one tensor; `stored` is in bytes."""

    shape: tuple[int, ...]
    stored: int

    @property
    def numbers(self) -> int:
        """Count its weights."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Weights:
    """Count the weights of a model: those of linear layers, their rows, and all others.

    `fixed` are the bytes of those that are stored in 8 bits or fewer, and stay as they are.
    """

    linear: int
    rows: int
    other: int
    fixed: int = 0

    def bytes(self, dtype: str, quantisation: str) -> int:
        """Return the memory that they take once loaded."""
        width = DTYPES[dtype]
        if quantisation == "nf4":
            linear = self.linear * NF4
        elif quantisation == "int8":
            linear = self.linear + 4 * self.rows
        else:
            linear = self.linear * width
        return int(linear + self.other * width) + self.fixed


def read_header(file: Path) -> dict[str, Tensor]:
    """Read the header of a safetensors file; `ValueError` when it is cut short or damaged.

    The format: the header's length in eight bytes, the header as JSON, then the tensors.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, LARGEST_HEADER):
            raise ValueError("has no safetensors header")
        header = json.loads(stream.read(length))
    try:
        entries = {key: value for key, value in header.items() if key != "__metadata__"}
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        tensors = {
            key: Tensor(tuple(entry["shape"]), entry["data_offsets"][1] - entry["data_offsets"][0])
            for key, entry in entries.items()
        }
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise ValueError(f"has a damaged header: {error!r}") from error
    if size != 8 + length + end:
        raise ValueError(f"holds {size} of {8 + length + end} bytes")
    return tensors


def counted(tensors: Mapping[str, Tensor]) -> Weights:
    """Count the weights that headers list."""
    fixed = sum(each.stored for each in tensors.values() if each.stored <= each.numbers)
    whole = {key: each for key, each in tensors.items() if each.stored > each.numbers}
    linear = [each for key, each in whole.items() if len(each.shape) == 2 and not KEPT.search(key)]
    total = sum(each.numbers for each in whole.values())
    numbers = sum(each.numbers for each in linear)
    return Weights(numbers, sum(each.shape[0] for each in linear), total - numbers, fixed)


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
    def weights(self) -> Weights:
        """Count the weights; norms and biases are a few per layer and counted as two rows each."""
        attention = self.hidden * self.head_dim * 2 * (self.heads + self.kv_heads)
        mlp = (3 if self.gated else 2) * self.hidden * self.ffn
        rows = (self.heads + 2 * self.kv_heads) * self.head_dim + 2 * self.hidden
        rows += (2 if self.gated else 1) * self.ffn
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return Weights(
            self.layers * (attention + mlp),
            self.layers * rows,
            embeddings + self.hidden * (2 * self.layers + 1),
        )

    def adapter_bytes(self, rank: int, targets: Iterable[str], width: int = 2) -> int:
        """Return what a LoRA adapter takes: `rank` rows in and out of each target, each layer."""
        inner = {
            "q_proj": self.heads * self.head_dim,
            "k_proj": self.kv_heads * self.head_dim,
            "v_proj": self.kv_heads * self.head_dim,
            "query_key_value": 3 * self.hidden,
            **dict.fromkeys(("gate_proj", "up_proj", "down_proj"), self.ffn),
        }
        sums = sum(self.hidden + inner.get(target, self.hidden) for target in targets)
        return self.layers * rank * sums * width

    @property
    def kv_bytes(self) -> int:
        """Return what one token of context takes: a key and a value, each layer, in 16 bits."""
        return 2 * self.layers * self.kv_heads * self.head_dim * 2


def _number(config: Mapping[str, object], *names: str, otherwise: int | None = None) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    if otherwise is None:
        raise ValueError(f"config.json has no {names[0]}")
    return otherwise
