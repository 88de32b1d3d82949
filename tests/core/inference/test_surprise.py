"""A model that learnt something, whole and put together wrongly."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.core.inference import tiny
from tests.core.inference.published import edit, rewrite
from tests.core.inference.test_published import read
from transformers import AutoModelForCausalLM

from madang.inference.surprise import guessing, surprise

STEPS = 60


@pytest.fixture(scope="module")
def learnt(as_published: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the twin after it learnt the lines of the tokenizer by heart."""
    folder = Path(shutil.copytree(as_published["twin"], tmp_path_factory.mktemp("learnt") / "m"))
    torch.manual_seed(0)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = tiny.tokenizer()
    rows = [torch.tensor([tokenizer.encode(line)]) for line in tiny.LINES]
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(STEPS):
        optimiser.zero_grad()
        for ids in rows:
            model(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    return folder


def swap_gate_and_up(folder: Path) -> None:
    def swap(weights: dict[str, torch.Tensor]) -> None:
        for layer in range(2):
            gate, up = (f"model.layers.{layer}.mlp.{part}_proj.weight" for part in ("gate", "up"))
            weights[gate], weights[up] = weights[up].clone(), weights[gate].clone()

    rewrite(folder / "model.safetensors", swap)


def change_rope(folder: Path) -> None:
    rope = {"rope_type": "default", "rope_theta": 10.0}
    edit(folder / "config.json", lambda config: config.update(rope_parameters=rope))


@pytest.mark.parametrize("quantisation", ["none", "int8", "nf4"])
def test_a_whole_model_expects_what_it_learnt(learnt: Path, quantisation: str) -> None:
    loaded = read(learnt, quantisation=quantisation, dtype="bfloat16")
    assert surprise(loaded, tiny.LINES) < 0.3 * guessing(loaded)


@pytest.mark.parametrize("spoil", [swap_gate_and_up, change_rope], ids=lambda one: one.__name__)
def test_one_put_together_wrongly_does_not(
    learnt: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = Path(shutil.copytree(learnt, tmp_path / "wrong"))
    spoil(folder)
    wrong, whole = (read(path, dtype="float32") for path in (folder, learnt))
    assert surprise(whole, tiny.LINES) < 0.1
    assert surprise(wrong, tiny.LINES) > 1


def test_without_text_there_is_nothing_to_say(learnt: Path) -> None:
    assert math.isnan(surprise(read(learnt), []))
