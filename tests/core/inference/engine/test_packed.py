"""Weights in oneDNN's own order, and gated MLPs in two products, say what the plain ones say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.core.inference import tiny
from tests.core.inference.engine.conftest import Pair
from tests.core.inference.engine.rig import Ask, Rig, loaded, prompts

from madang.inference.engine.linear import Fused, GatedMLP, Part
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.weight import PackedWeight, can_pack

ARCHITECTURES = [each.name for each in (*tiny.ARCHITECTURES, *tiny.OTHERS)]
GATED = {"llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3"}
PROMPTS = prompts()
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def everything_is_packed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pack weights however small."""
    monkeypatch.setattr("madang.inference.engine.prepare.WORTH_PACKING", 1)
    yield


def fold(architecture: str, checkpoints: dict[str, Path]) -> dict[str, Path]:
    """Give the adapters of an architecture."""
    return {name: checkpoints[f"{architecture}-{name}"] for name in "12"}


@pytest.mark.skipif(not can_pack(CPU, torch.float32), reason="this torch packs no fp32")
@pytest.mark.parametrize("adapted", [True, False])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_packed_in_fp32_says_what_generate_says(
    pairs: dict[str, Pair], checkpoints: dict[str, Path], architecture: str, adapted: bool
) -> None:
    adapters = fold(architecture, checkpoints) if adapted else {}
    model = loaded(checkpoints[architecture], adapters)
    kinds = {type(module) for module in model.model.modules()}
    assert (GatedMLP in kinds) == (architecture in GATED)
    assert Fused in kinds or Part in kinds
    asks = [
        Ask(prompt=prompt, adapter=name, comes=2 * at)
        for at, prompt in enumerate(PROMPTS)
        for name in ("", *adapters)
    ]
    rig = Rig(model, slots=18, blocks=200)
    for ask, answer in zip(asks, rig.serve(asks), strict=True):
        assert answer.error is None
        assert answer.tokens == pairs[architecture][0].answer(ask.prompt, ask.adapter)


@pytest.mark.skipif(not can_pack(CPU, torch.bfloat16), reason="this torch packs no bf16")
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_in_bf16_it_is_as_near_to_the_truth_as_transformers(
    pairs: dict[str, Pair], checkpoints: dict[str, Path], architecture: str
) -> None:
    adapters = fold(architecture, checkpoints)
    model = loaded(checkpoints[architecture], adapters, dtype="bfloat16")
    reference = pairs[architecture][0]
    theirs = reference.rounded(torch.bfloat16)
    mine, their = [], []
    for prompt in PROMPTS:
        for name in ("", *adapters):
            truth = reference.logits(prompt, name)[-1]
            rig = Rig(model, slots=1, blocks=20)
            sequence = rig.add(Ask(prompt=prompt, adapter=name)).run.sequence
            chunk = Chunk(sequence, 0, len(prompt), samples=True)
            ((_, got),) = rig.runner.logits([chunk])
            mine.append(float((got.float() - truth).norm() / truth.norm()))
            their.append(float((theirs.logits(prompt, name)[-1] - truth).norm() / truth.norm()))
    assert sum(mine) < 1.3 * sum(their)


def test_weights_are_packed_only_where_torch_can() -> None:
    assert not can_pack(torch.device("meta"), torch.float32)
    weight, x = torch.randn(48, 33), torch.randn(1, 5, 33)
    bias = torch.randn(48)
    if can_pack(CPU, torch.float32):
        torch.testing.assert_close(
            PackedWeight(weight, bias)(x), torch.nn.functional.linear(x, weight, bias)
        )
