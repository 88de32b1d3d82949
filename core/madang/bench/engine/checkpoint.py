"""A random checkpoint of a shape, whose tokenizer reads one token a word."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.bench.engine.shapes import CONTEXT, Shape
from madang.contract.model import Dtype

if TYPE_CHECKING:
    import torch

MODEL = "model"  # the folder of the checkpoint within that of the bench
SHARD_BYTES = 2 * 2**30
DEVIATION = 0.02  # of Llama's own initialisation
INDEX = "model.safetensors.index.json"


def make(shape: Shape, dtype: Dtype, folder: Path, seed: int = 0) -> Path:
    """Write model and tokenizer below `folder`, one shard in memory at a time.

    A checkpoint that is there already, as `--keep` leaves it, is used again.
    """
    import torch
    from transformers import LlamaConfig

    target = folder / MODEL
    config: Any = LlamaConfig(**shape.config(), dtype=dtype)  # type: ignore[arg-type]
    if (target / INDEX).is_file():
        return target
    target.mkdir(parents=True, exist_ok=True)
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(target)
    write_tokenizer(shape.vocabulary, target)
    torch.manual_seed(seed)
    _write_weights(config, getattr(torch, dtype), target)
    return target


def write_tokenizer(words: int, folder: Path) -> None:
    """Save a tokenizer of the words w0, w1 and so on; a text of n words is n tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel({word(id_): id_ for id_ in range(words)}, word(0)))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    make_fast: Any = PreTrainedTokenizerFast
    make_fast(tokenizer_object=tokenizer, model_max_length=CONTEXT).save_pretrained(folder)


def word(id_: int) -> str:
    """Return the word of a token."""
    return f"w{id_}"


def text_of(ids: list[int]) -> str:
    """Return the text that is read as `ids`."""
    return " ".join(map(word, ids))


def ids_of(text: str) -> list[int]:
    """Return the tokens of a text of words."""
    return [int(each[1:]) for each in text.split()]


def _write_weights(config: Any, dtype: "torch.dtype", folder: Path) -> None:
    """Write the shards, and last the index, which says that they are whole."""
    from safetensors.torch import save_file

    places: dict[str, str] = {}
    for number, names in enumerate(_shards(_sizes(config), dtype.itemsize)):
        file = f"model-{number:05}.safetensors"
        tensors = {name: random_tensor(size, dtype) for name, size in names.items()}
        save_file(tensors, folder / file, {"format": "pt"})
        places |= dict.fromkeys(names, file)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}), "utf-8")


def random_tensor(
    size: "torch.Size", dtype: "torch.dtype", deviation: float = DEVIATION
) -> "torch.Tensor":
    """Draw a weight as Llama is initialised; norms are ones."""
    import torch

    if len(size) == 1:
        return torch.ones(size, dtype=dtype)
    return torch.empty(size, dtype=dtype).normal_(0.0, deviation)


def _sizes(config: Any) -> dict[str, "torch.Size"]:
    import torch
    from transformers import LlamaForCausalLM

    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    return {name: weights.shape for name, weights in model.named_parameters()}


def _shards(sizes: dict[str, "torch.Size"], itemsize: int) -> Iterator[dict[str, "torch.Size"]]:
    """Split the tensors into shards of about `SHARD_BYTES`."""
    shard: dict[str, torch.Size] = {}
    held = 0
    for name, size in sizes.items():
        if shard and held + size.numel() * itemsize > SHARD_BYTES:
            yield shard
            shard, held = {}, 0
        shard[name] = size
        held += size.numel() * itemsize
    yield shard
