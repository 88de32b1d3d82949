"""The checkpoint as a GGUF file, for llama.cpp."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.bench.engine.checkpoint import INDEX, MODEL
from madang.bench.engine.messages import Job
from madang.errors import MissingPackage

if TYPE_CHECKING:
    import torch

LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
ENDS = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def package(name: str) -> Any:
    """Import a package of the peer; `MissingPackage` says how to install both."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackage(
            f"llama.cpp is measured through the Python package '{error.name or error}'",
            "Install it with `pip install llama-cpp-python gguf`.",
        ) from error


def write_gguf(job: Job) -> Path:
    """Write the weights in their own dtype, without a vocabulary, and return the file."""
    target = Path(job.folder) / f"{job.dtype}.gguf"
    if target.is_file():
        return target
    gguf = package("gguf")
    config = json.loads((Path(job.folder) / MODEL / "config.json").read_text("utf-8"))
    part = target.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "llama")
    _write_settings(writer, config)
    kinds = gguf.GGMLQuantizationType
    big = kinds.BF16 if job.dtype == "bfloat16" else kinds.F32
    for name, tensor in _tensors(Path(job.folder) / MODEL, config):
        data = _bytes(tensor)
        kind = big if tensor.dim() > 1 else kinds.F32
        writer.add_tensor_info(name, data.shape, data.dtype, data.nbytes, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, tensor in _tensors(Path(job.folder) / MODEL, config):
        writer.write_tensor_data(_bytes(tensor))
    writer.close()
    return part.rename(target)


def _write_settings(writer: Any, config: dict[str, Any]) -> None:
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")


def _tensors(folder: Path, config: dict[str, Any]) -> Iterator[tuple[str, "torch.Tensor"]]:
    """Read the weights one by one under the names of GGUF."""
    from safetensors import safe_open

    places = json.loads((folder / INDEX).read_text("utf-8"))["weight_map"]
    open_file: Any = safe_open
    for name, file in places.items():
        with open_file(folder / file, framework="pt") as shard:
            tensor = shard.get_tensor(name)
        key = name.removesuffix(".weight")
        if key.endswith(("q_proj", "k_proj")):
            tensor = _interleaved(tensor, config["head_dim"])
        yield f"{_named(key)}.weight", tensor


def _named(key: str) -> str:
    if key in ENDS:
        return ENDS[key]
    _, _, number, part = key.split(".", 3)
    return f"blk.{number}.{LAYER[part]}"


def _interleaved(weight: "torch.Tensor", head_dim: int) -> "torch.Tensor":
    """Order the rows of each head for a rotation of neighbours.

    transformers rotates number i with number i + head_dim / 2, llama.cpp 2i with 2i + 1.
    """
    rows, columns = weight.shape
    halves = weight.view(rows // head_dim, 2, head_dim // 2, columns)
    return halves.transpose(1, 2).reshape(rows, columns)


def _bytes(tensor: "torch.Tensor") -> Any:
    """Return a numpy array of fp32 for a vector, else of the tensor's bytes."""
    import torch

    if tensor.dim() == 1:
        return tensor.float().numpy()
    return tensor.contiguous().view(torch.uint8).numpy()
