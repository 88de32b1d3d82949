"""Files of checkpoints without weights worth having: right in form, zeros in content."""

import json
import math
from collections.abc import Mapping

WIDTH = 2  # bytes of one bfloat16


def safetensors(tensors: Mapping[str, tuple[int, ...]]) -> bytes:
    """Write a safetensors file of zeros, the header before them."""
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in tensors.items():
        size = math.prod(shape) * WIDTH
        entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header + bytes(end)


def llama_tensors(
    layers: int, hidden: int, ffn: int, vocabulary: int
) -> dict[str, tuple[int, ...]]:
    """Name the tensors of a Llama with two heads and one head of keys."""
    tensors: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (vocabulary, hidden),
        "model.norm.weight": (hidden,),
        "lm_head.weight": (vocabulary, hidden),
    }
    for number in range(layers):
        layer = f"model.layers.{number}"
        tensors |= {
            f"{layer}.input_layernorm.weight": (hidden,),
            f"{layer}.post_attention_layernorm.weight": (hidden,),
            f"{layer}.self_attn.q_proj.weight": (hidden, hidden),
            f"{layer}.self_attn.k_proj.weight": (hidden // 2, hidden),
            f"{layer}.self_attn.v_proj.weight": (hidden // 2, hidden),
            f"{layer}.self_attn.o_proj.weight": (hidden, hidden),
            f"{layer}.mlp.gate_proj.weight": (ffn, hidden),
            f"{layer}.mlp.up_proj.weight": (ffn, hidden),
            f"{layer}.mlp.down_proj.weight": (hidden, ffn),
        }
    return tensors


def sharded(tensors: Mapping[str, tuple[int, ...]], shards: int) -> dict[str, bytes]:
    """Spread tensors over files with an index, as large checkpoints are saved."""
    names = sorted(tensors)
    files = {
        f"model-{number + 1:05}-of-{shards:05}.safetensors": names[number::shards]
        for number in range(shards)
    }
    index = {
        "metadata": {},
        "weight_map": {name: file for file, inner in files.items() for name in inner},
    }
    return {
        "model.safetensors.index.json": json.dumps(index).encode(),
        **{
            file: safetensors({name: tensors[name] for name in inner})
            for file, inner in files.items()
        },
    }
