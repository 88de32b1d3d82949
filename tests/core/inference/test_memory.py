"""Sizes told from headers, against those of the seed models."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.core.inference import published
from tests.core.inference.test_published import read

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.inference import device as devices
from madang.inference.fit import check_memory, what_fits
from madang.inference.memory import GIB, Need, count_numbers, measure, need_of, weights_bytes
from madang.inference.safetensors_header import Tensor


def tensor(*shape: int) -> Tensor:
    size = 2
    for length in shape:
        size *= length
    return Tensor("BF16", shape, size)


def llama(vocabulary: int, context: int, **names: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Give the tensors of a Llama of 8 B with its config."""
    config = {
        "num_hidden_layers": 32,
        "hidden_size": 4096,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "max_position_embeddings": context,
    }
    shapes = {"q": (4096, 4096), "k": (1024, 4096), "v": (1024, 4096), "o": (4096, 4096)}
    shapes |= {"gate": (14336, 4096), "up": (14336, 4096), "down": (4096, 14336)}
    tensors = {
        f"model.layers.{layer}.{part}_proj.weight": tensor(*shape)
        for layer in range(32)
        for part, shape in shapes.items()
    }
    outer = ("model.embed_tokens.weight", "lm_head.weight")
    tensors |= {key: tensor(vocabulary, 4096) for key in outer}
    return tensors, config


def polyglot() -> tuple[dict[str, Tensor], dict[str, Any]]:
    config = {
        "num_hidden_layers": 28,
        "hidden_size": 4096,
        "num_attention_heads": 16,
        "max_position_embeddings": 2048,
    }
    shapes = {"attention.query_key_value": (12288, 4096), "attention.dense": (4096, 4096)}
    shapes |= {"mlp.dense_h_to_4h": (16384, 4096), "mlp.dense_4h_to_h": (4096, 16384)}
    tensors = {
        f"gpt_neox.layers.{layer}.{part}.weight": tensor(*shape)
        for layer in range(28)
        for part, shape in shapes.items()
    }
    masks = {
        f"gpt_neox.layers.{layer}.attention.bias": Tensor("U8", (1, 1, 2048, 2048), 2048**2)
        for layer in range(28)
    }
    outer = ("gpt_neox.embed_in.weight", "embed_out.weight")
    return tensors | masks | {key: tensor(30080, 4096) for key in outer}, config


@pytest.mark.parametrize(
    ("checkpoint", "sizes", "kv"),
    [
        (llama(102400, 32768), (14.6, 8.1, 4.9), 128),
        (llama(32002, 8192), (13.5, 7.0, 3.8), 128),
        (llama(128256, 8192), (15.0, 8.5, 5.3), 128),
        (polyglot(), (11.0, 5.7, 3.2), 448),
    ],
    ids=["exaone", "openchat", "llama3", "polyglot"],
)
def test_the_seeds_need_what_is_known_of_them(
    checkpoint: tuple[dict[str, Tensor], dict[str, Any]],
    sizes: tuple[float, float, float],
    kv: float,
) -> None:
    need = need_of(*checkpoint)
    found = (need.bf16, need.int8, need.nf4)
    assert [size / GIB for size in found] == pytest.approx(sizes, abs=0.06)
    assert need.kv_per_token == kv * 1024
    assert need.weights(width=4) == 2 * need.bf16


@pytest.mark.parametrize("name", published.NAMES)
@pytest.mark.parametrize("quantisation", ["none", "int8", "nf4"])
def test_what_is_measured_is_what_a_model_takes(
    as_published: dict[str, Path], name: str, quantisation: Any
) -> None:
    need = measure(name, as_published[name])
    model = read(as_published[name], quantisation=quantisation, dtype="bfloat16").model
    taken = sum(weights.nbytes for weights in model.parameters())
    scales = need.weights(quantisation) - taken
    assert 0 <= scales < 0.05 * need.bf16
    assert quantisation != "none" or scales <= 16  # buffers of old GPT-NeoX checkpoints


def test_the_stored_size_is_that_of_the_files(as_published: dict[str, Path]) -> None:
    folder = as_published["mistral"]
    assert weights_bytes(folder) == measure("m", folder).stored == 2 * measure("m", folder).bf16
    assert 0 < weights_bytes(as_published["mistral-a"]) < weights_bytes(folder)


def test_a_pickle_is_estimated(as_published: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((as_published["twin"] / "config.json").read_bytes())
    whole = measure("m", as_published["twin"])
    (tmp_path / "pytorch_model.bin").write_bytes(bytes(whole.stored))
    estimate = measure("m", tmp_path)
    assert (estimate.bf16, estimate.kv_per_token) == (whole.bf16, whole.kv_per_token)
    assert estimate.nf4 == pytest.approx(whole.nf4, rel=0.01)
    assert weights_bytes(tmp_path) == 2 * count_numbers("m", tmp_path) == whole.stored


def test_nothing_of_it_needs_torch() -> None:
    code = "import sys, madang.inference.memory; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


NEED = need_of(*llama(128256, 8192))


def test_the_error_says_what_is_needed_what_is_free_and_what_fits() -> None:
    with pytest.raises(ModelNotLoaded) as caught:
        check_memory("aog", Model(), NEED, 12 * GIB, device="cuda:0")
    assert str(caught.value) == (
        "model 'aog' needs 17.0 GiB (weights 15.0 GiB, 8,192 tokens of context 1.0 GiB, run time "
        "1.0 GiB), but cuda:0 has 12.0 GiB free\n"
        '  What would fit: quantisation = "int8" (10.5 GiB); quantisation = "nf4" (7.3 GiB).'
    )


@pytest.mark.parametrize(
    ("free", "quantisation", "fitting"),
    [
        (16.5, "none", ["context = 4096 (16.5 GiB)", 'quantisation = "int8" (10.5 GiB)']),
        (10.0, "int8", ["context = 4096 (10.0 GiB)", 'quantisation = "nf4" (7.3 GiB)']),
        (7.0, "none", ['quantisation = "nf4" and context = 5120 (6.9 GiB)']),
        (6.0, "none", []),
    ],
)
def test_what_fits_loses_as_little_as_possible(
    free: float, quantisation: Any, fitting: list[str]
) -> None:
    found = what_fits(NEED, int(free * GIB), 8192, quantisation)
    assert found[: len(fitting)] == fitting
    assert bool(found) == bool(fitting)


def test_what_fits_instead_of_fp32_and_of_stored_quantised_weights() -> None:
    found = what_fits(NEED, 18 * GIB, 8192, width=4)
    assert found[0] == 'dtype = "bfloat16" (17.0 GiB)'
    assert what_fits(need_of(*stored_quantised()), GIB, 8192) == ["context = 7168 (1.0 GiB)"]


def stored_quantised() -> tuple[dict[str, Tensor], dict[str, Any]]:
    _, config = llama(0, 8192)
    return {"model.layers.0.q_proj.weight": Tensor("U8", (2**26, 1), 2**26)}, config


def test_a_model_that_fits_no_way_says_so() -> None:
    with pytest.raises(ModelNotLoaded, match="No form of it fits here"):
        check_memory("aog", Model(), NEED, 2 * GIB, device="cpu")


def test_adapters_and_a_context_of_the_table_count() -> None:
    model = Model(context=4096, quantisation="nf4")
    free = NEED.total("nf4", 4096)
    check_memory("aog", model, NEED, free, device="cpu")
    with pytest.raises(ModelNotLoaded):
        check_memory("aog", model, NEED, free, device="cpu", extra=1)


def test_weights_stored_quantised_count_as_they_are() -> None:
    stored = {"model.layers.0.q_proj.weight": Tensor("U8", (1024, 1), 1024)}
    assert need_of(stored, {}).weights("nf4") == 1024


def test_a_small_model_needs_little_run_time() -> None:
    assert Need(others=100).total(context=10) == 400


def test_free_memory_is_the_less_of_machine_and_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 9 kB\nMemAvailable:   4000 kB\n")
    monkeypatch.setattr(devices, "MEMORY", memory)
    monkeypatch.setattr(devices, "CGROUP", tmp_path)
    cpu = torch.device("cpu")
    assert devices.free_bytes(cpu) == 4_096_000
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 1\nfile 100000\n")
    assert devices.free_bytes(cpu) == 400_000
    (tmp_path / "memory.max").write_text("max\n")
    assert devices.free_bytes(cpu) == 4_096_000
    memory.unlink()
    assert devices.free_bytes(cpu) is None
