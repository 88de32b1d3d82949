"""How much memory a checkpoint needs, told from its headers before anything big is read.

Nothing here needs torch. Quantised are the matrices inside the numbered layers, as bitsandbytes
does it: embeddings, the output head, norms and biases keep the dtype.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.contract.model import Quantisation
from madang.inference.checkpoint import read_config, weight_files
from madang.inference.safetensors_header import Tensor, read_header

GIB = 2**30
RUN_TIME = GIB  # activations and kernels; a model smaller than this needs no more than itself
# 4 bits a number, 8 for every 64 of them, and 32 for every 256 of those (double quantisation,
# https://arxiv.org/abs/2305.14314, section 3).
NF4_BYTES = 1 / 2 + 1 / 64 + 4 / (64 * 256)
INT8_ROW_BYTES = 4  # one fp32 scale for each row (https://arxiv.org/abs/2208.07339, section 2)
FLOATING = ("F", "BF")  # how the names of floating dtypes begin
QUANTISED = {"I8", "U8"}
LAYER = re.compile(r"\.\d+\..*weight$")


@dataclass(frozen=True, kw_only=True)
class Need:
    """Count what a checkpoint holds; sizes are in bytes, `width` is the bytes of one number.

    `matrices` and `others` are numbers of parameters that can and cannot be quantised, `rows`
    those of the matrices, `fixed` the bytes of weights that are stored quantised; `kv_numbers`
    is the KV cache of one token, and `context` what the checkpoint can read, in tokens.
    """

    matrices: int = 0
    others: int = 0
    rows: int = 0
    fixed: int = 0
    stored: int = 0
    kv_numbers: int = 0
    context: int = 0

    @property
    def bf16(self) -> int:
        """Return the size of the weights in bf16 or fp16."""
        return self.weights()

    @property
    def int8(self) -> int:
        """Return the size of the weights with int8 matrices, the rest in bf16."""
        return self.weights("int8")

    @property
    def nf4(self) -> int:
        """Return the size of the weights with NF4 matrices, the rest in bf16."""
        return self.weights("nf4")

    @property
    def kv_per_token(self) -> int:
        """Return the size of one token's KV cache in bf16."""
        return 2 * self.kv_numbers

    def weights(self, quantisation: Quantisation = "none", width: int = 2) -> int:
        """Return the size of the weights in memory."""
        matrices = {
            "none": width * self.matrices,
            "int8": self.matrices + INT8_ROW_BYTES * self.rows,
            "nf4": math.ceil(NF4_BYTES * self.matrices),
        }
        return matrices[quantisation] + width * self.others + self.fixed

    def total(
        self, quantisation: Quantisation = "none", context: int = 0, width: int = 2, extra: int = 0
    ) -> int:
        """Return the size with KV cache for `context` tokens and run time; `extra` is adapters."""
        weights = self.weights(quantisation, width) + extra
        kv = width * self.kv_numbers * (context or self.context)
        return weights + kv + min(RUN_TIME, weights)


def measure(name: str, folder: Path) -> Need:
    """Read the headers and config.json in `folder`; `ModelNotLoaded` when they are damaged."""
    config = read_config(name, folder)
    files = weight_files(name, folder)
    if any(file.suffix != ".safetensors" for file in files):
        return _need_of_pickle(sum(file.stat().st_size for file in files), config)
    return need_of(dict(_tensors(name, files)), config)


def need_of(tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> Need:
    """Count the tensors of a checkpoint by what quantisation does to them."""
    # Old GPT-NeoX checkpoints also store causal masks, with four dimensions; they are not loaded.
    kept = {key: tensor for key, tensor in tensors.items() if len(tensor.shape) < 4}
    plain = {key: tensor for key, tensor in kept.items() if tensor.dtype.startswith(FLOATING)}
    matrices = [
        tensor for key, tensor in plain.items() if len(tensor.shape) == 2 and LAYER.search(key)
    ]
    numbers = sum(tensor.numbers for tensor in matrices)
    return Need(
        matrices=numbers,
        others=sum(tensor.numbers for tensor in plain.values()) - numbers,
        rows=sum(tensor.shape[0] for tensor in matrices),
        fixed=sum(tensor.bytes for tensor in kept.values() if tensor.dtype in QUANTISED),
        stored=sum(tensor.bytes for tensor in tensors.values()),
        kv_numbers=kv_numbers(config),
        context=int(config.get("max_position_embeddings") or 0),
    )


def count_numbers(name: str, folder: Path) -> int:
    """Count the parameters of an adapter; those of a pickle are taken for 16 bits each."""
    files = weight_files(name, folder)
    if any(file.suffix != ".safetensors" for file in files):
        return sum(file.stat().st_size for file in files) // 2
    return sum(tensor.numbers for _, tensor in _tensors(name, files))


def weights_bytes(folder: Path) -> int:
    """Return the size of the weights as they are stored, of a model or an adapter."""
    files = weight_files(str(folder), folder)
    if any(file.suffix != ".safetensors" for file in files):
        return sum(file.stat().st_size for file in files)
    return sum(tensor.bytes for _, tensor in _tensors(str(folder), files))


def _tensors(name: str, files: list[Path]) -> Iterator[tuple[str, Tensor]]:
    for file in files:
        yield from read_header(name, file).items()


def kv_numbers(config: Mapping[str, Any]) -> int:
    """Count the numbers of one token's keys and values; 0 where the config does not say."""
    layers = config.get("num_hidden_layers") or config.get("num_layers") or 0
    heads = config.get("num_attention_heads") or 0
    width = config.get("head_dim") or (config.get("hidden_size", 0) // heads if heads else 0)
    return int(2 * layers * (config.get("num_key_value_heads") or heads) * width)


def _need_of_pickle(stored: int, config: Mapping[str, Any]) -> Need:
    """Estimate from file sizes: a pickle has no header that could be read without running it."""
    dtype = str(config.get("dtype") or config.get("torch_dtype") or "")
    numbers = stored // (4 if dtype.endswith("float32") else 2)
    outer = min(numbers, 2 * config.get("vocab_size", 0) * config.get("hidden_size", 0))
    return Need(
        matrices=numbers - outer,
        others=outer,
        stored=stored,
        kv_numbers=kv_numbers(config),
        context=int(config.get("max_position_embeddings") or 0),
    )
