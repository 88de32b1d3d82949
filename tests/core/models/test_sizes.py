"""Sizes: the table of the architectures, and headers against what the libraries write."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.core.models.checkpoint import CONFIG, save, tensors
from tests.standins.checkpoints import safetensors

from madang.models.facts import known_facts
from madang.models.presence import weight_files
from madang.models.sizes import GIB, Shape, counted, read_header

# Weights in GiB as bf16, int8 and nf4, and MiB of KV cache for 1,024 tokens.
TABLE = {
    "slang": (14.6, 8.1, 4.9, 128),
    "culture": (13.5, 7.0, 3.8, 128),
    "assistant": (15.0, 8.5, 5.3, 128),
    "genstruct": (15.0, 8.5, 5.3, 128),
    "finance": (11.0, 5.7, 3.2, 448),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_architectures_come_to_the_published_sizes(name: str) -> None:
    shape = Shape.of(known_facts()[name].config)
    sizes = [shape.weights.bytes("bfloat16", how) / GIB for how in ("none", "int8", "nf4")]
    assert tuple(round(size, 1) for size in sizes) == TABLE[name][:3]
    assert shape.kv_bytes * 1024 >> 20 == TABLE[name][3]


def test_headers_count_as_the_architecture_does(tmp_path: Path) -> None:
    folder = save(tmp_path / "model")
    read = {name: each for file in weight_files(folder) for name, each in read_header(file).items()}
    assert {name: each.shape for name, each in read.items()} == tensors()
    assert counted(read) == Shape.of(CONFIG).weights


def test_an_fp32_checkpoint_takes_what_it_is_loaded_as(tmp_path: Path) -> None:
    save_file({"model.layers.0.a.weight": torch.zeros(8, 4)}, tmp_path / "a.safetensors")
    read = read_header(tmp_path / "a.safetensors")
    assert read["model.layers.0.a.weight"].stored == 128
    weights = counted(read)
    assert weights.bytes("bfloat16", "none") == 64
    assert weights.bytes("float32", "none") == 128
    assert weights.bytes("bfloat16", "int8") == 32 + 8 * 4


def test_weights_that_are_stored_quantised_stay_so(tmp_path: Path) -> None:
    tensors = {"layers.0.a.weight": torch.zeros(8, 4, dtype=torch.uint8), "b": torch.zeros(4)}
    save_file(tensors, tmp_path / "a.safetensors")
    weights = counted(read_header(tmp_path / "a.safetensors"))
    assert weights.bytes("bfloat16", "none") == 8 * 4 + 4 * 2


def test_embeddings_heads_and_norms_are_not_quantised() -> None:
    weights = Shape.of(CONFIG).weights
    assert weights.other == 264 * 64 * 2 + 64 * 5
    assert weights.bytes("bfloat16", "nf4") > 2 * weights.other


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (safetensors({"a": (10, 10)})[:-1], "holds 310 of 311 bytes"),
        (b"", "no safetensors header"),
        (b"\xff" * 20, "no safetensors header"),
        ((2).to_bytes(8, "little") + b"[]", "damaged header"),
        ((2).to_bytes(8, "little") + b"{x", "Expecting"),
        ((7).to_bytes(8, "little") + b'{"a":1}', "damaged header"),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.safetensors").write_bytes(data)
    with pytest.raises(ValueError, match=said):
        read_header(tmp_path / "a.safetensors")


def test_an_adapter_is_reckoned_from_rank_and_targets() -> None:
    shape = Shape.of(known_facts()["finance"].config)
    # 28 layers, rank 16, 4,096 in and 12,288 out, two bytes each.
    assert shape.adapter_bytes(16, ["query_key_value"]) == 28 * 16 * (4096 + 12288) * 2


def test_a_config_without_numbers_names_the_first_one() -> None:
    with pytest.raises(ValueError, match="no hidden_size"):
        Shape.of({})
