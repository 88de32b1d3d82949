"""Thousands of random requests: every block is free in the end, and memory stays flat."""

from pathlib import Path

import pytest
from tests.core.inference import soaking
from tests.core.inference.conftest import checkpoints as checkpoints
from tests.core.inference.conftest import one_thread as one_thread
from tests.core.inference.engine.conftest import Pairs
from tests.core.inference.engine.conftest import pairs as pairs

from madang.contract import Model
from madang.inference import LocalBackend

ARCHITECTURES = ("llama", "mistral", "gpt_neox", "qwen3", "gemma2")
GROWTH = 24 * 2**20  # bytes that the C library may keep for later


@pytest.mark.soak
@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_thousands_of_requests_leave_nothing_in_the_engine(
    pairs: Pairs, architecture: str, ahead: int
) -> None:
    reference, model = pairs[architecture]
    soaking.soak_engine(reference, model, 500, ahead=ahead)
    before = soaking.tensors(), soaking.resident_bytes()
    soaking.soak_engine(reference, model, 2000, ahead=ahead)
    more_tensors, more_bytes = soaking.grown(before, (soaking.tensors(), soaking.resident_bytes()))
    assert more_tensors <= 0
    assert more_bytes < GROWTH


@pytest.mark.soak
async def test_thousands_of_requests_leave_nothing_in_a_backend(
    checkpoints: dict[str, Path],
) -> None:
    adapters = {name: str(checkpoints[f"llama-{name}"]) for name in "12"}
    source = str(checkpoints["llama"])
    table = Model(source=source, adapters=adapters, dtype="float32", cache_tokens=256, slots=9)
    backend = LocalBackend("tiny", table)
    await soaking.soak_backend(backend, 1000, seed=1)
    before = soaking.tensors(), soaking.resident_bytes()
    await soaking.soak_backend(backend, 4000, seed=2)
    soaking.check_empty(backend)
    more_tensors, more_bytes = soaking.grown(before, (soaking.tensors(), soaking.resident_bytes()))
    await backend.close()
    assert more_tensors <= 20
    assert more_bytes < GROWTH
