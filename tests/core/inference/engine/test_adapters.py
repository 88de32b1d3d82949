"""Adapters of every plain kind, mixed in one batch, against PEFT's own output."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.core.inference import tiny
from tests.core.inference.engine.rig import Ask, Reference, Rig, loaded, prompts

from madang.contract import Model
from madang.inference.engine.lora import take_deltas
from madang.inference.engine.prepare import prepare
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Chunk
from madang.inference.loaded import Loaded
from madang.inference.loader import load

pytestmark = pytest.mark.filterwarnings("ignore:`lora_bias=True` was passed")

LLAMA = tiny.ARCHITECTURES[0]
ATTENTION = ["q_proj", "k_proj", "v_proj"]
KINDS: dict[str, dict[str, Any]] = {
    "queries": {"r": 2, "target_modules": ["q_proj"]},
    "attention": {"r": 8, "lora_alpha": 4, "target_modules": ATTENTION},
    "everything": {"r": 16, "target_modules": [*tiny.LINEARS, "lm_head"]},
    "rslora": {"r": 3, "use_rslora": True, "target_modules": ["v_proj", "up_proj", "down_proj"]},
    "biased": {"r": 4, "lora_bias": True, "target_modules": ["o_proj", "k_proj", "gate_proj"]},
    "patterns": {
        "r": 4,
        "target_modules": list(tiny.LINEARS),
        "rank_pattern": {"q_proj": 1, "layers.1.mlp.down_proj": 7},
        "alpha_pattern": {"k_proj": 3, "layers.0.self_attn.o_proj": 40},
    },
    "one layer": {"r": 5, "target_modules": ["q_proj"], "layers_to_transform": [1]},
}
NAMES = ("", *KINDS)
PROMPTS = prompts(4)
# NF4 on a CPU rounds what it reads to 16 bits, so the last bit of an input may show.
TOLERANCE = {"int8": 1e-5, "nf4": 1e-2}
ROUNDED = 0.05  # what bfloat16 does to these models


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a base that NF4 can hold: its blocks have 64 numbers."""
    folder = tmp_path_factory.mktemp("base")
    return tiny.checkpoint(folder, LLAMA, hidden_size=64, intermediate_size=128)


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give an adapter of each kind."""
    root = tmp_path_factory.mktemp("kinds")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `lora_bias` keeps PEFT from merging
        return {
            kind: tiny.adapter(root / kind.replace(" ", "-"), base, LLAMA, seed, **settings)
            for seed, (kind, settings) in enumerate(KINDS.items())
        }


@pytest.fixture(scope="module")
def reference(base: Path, adapters: dict[str, Path]) -> Reference:
    """Give the base with all adapters as PEFT serves them."""
    return Reference(base, adapters)


@pytest.fixture(params=["plain", "packed"])
def prepared(
    request: pytest.FixtureRequest,
    base: Path,
    adapters: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Loaded:
    """Give the base with all adapters as the engine serves them."""
    if request.param == "packed":
        monkeypatch.setattr("madang.inference.engine.prepare.WORTH_PACKING", 1)
    return loaded(base, adapters)


def asks(*names: str) -> Iterator[Ask]:
    """Ask every prompt of each adapter."""
    for at, prompt in enumerate(PROMPTS):
        for name in names:
            yield Ask(prompt=prompt, adapter=name, comes=at * 3)


def test_all_kinds_in_one_batch_say_what_peft_says(prepared: Loaded, reference: Reference) -> None:
    asked = list(asks(*NAMES))
    rig = Rig(prepared, slots=32, blocks=400, prefill_beside=64)
    for ask, answer in zip(asked, rig.serve(asked), strict=True):
        assert answer.error is None
        assert answer.tokens == reference.answer(ask.prompt, ask.adapter), ask.adapter
    assert rig.engine.metrics.largest_batch > len(NAMES)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_says_what_peft_says(
    base: Path, adapters: dict[str, Path], reference: Reference, kind: str
) -> None:
    rig = Rig(loaded(base, {kind: adapters[kind]}), slots=1)
    asked = list(asks(kind, ""))
    for ask, answer in zip(asked, rig.serve(asked), strict=True):
        assert answer.tokens == reference.answer(ask.prompt, ask.adapter)
    said = [reference.answer(prompt, kind) for prompt in PROMPTS]
    assert said != [reference.answer(prompt, "") for prompt in PROMPTS]


def logits_of(model: Loaded, tokens: list[int], names: tuple[str, ...]) -> list[torch.Tensor]:
    """Compute one prompt for several adapters in one step, and return the last logits of each."""
    rig = Rig(model, slots=len(names), blocks=200)
    runner: Runner = rig.runner
    sequences = [rig.add(Ask(prompt=tuple(tokens), adapter=name)).run.sequence for name in names]
    chunks = [Chunk(sequence, 0, len(tokens), samples=True) for sequence in sequences]
    found = dict(runner.logits(chunks))
    return [found[sequence].float() for sequence in sequences]


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    """Measure an error as a part of what it is an error of."""
    return float((one - other).norm() / other.norm())


def quantised(folder: Path, adapters: dict[str, Path], **table: Any) -> tuple[Loaded, Loaded]:
    """Load a base as PEFT serves it, and as the engine does."""
    names = {name: str(path) for name, path in adapters.items()}
    asked = Model(source=str(folder), adapters=names, **table)
    plain, made = (load("tiny", asked, lambda done: None) for _ in range(2))
    prepare(made.model, take_deltas(made.adapters))
    return plain, made


def expected(plain: Loaded, tokens: list[int], name: str) -> torch.Tensor:
    """Compute the last logits as PEFT does."""
    with torch.inference_mode(), plain.adapters.using(name) as model:
        out = model(input_ids=torch.tensor([tokens]), use_cache=False).logits
    return torch.as_tensor(out)[0, -1].float()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("quantisation", ["int8", "nf4"])
def test_a_quantised_base_with_adapters_says_what_peft_says(
    base: Path, adapters: dict[str, Path], quantisation: str, dtype: str
) -> None:
    plain, made = quantised(base, adapters, quantisation=quantisation, dtype=dtype)
    bound = TOLERANCE[quantisation] if dtype == "float32" else ROUNDED
    tokens = list(PROMPTS[2])
    said = {name: expected(plain, tokens, name) for name in NAMES}
    for name in NAMES:
        (got,) = logits_of(made, tokens, (name,))
        assert distance(got, said[name]) < bound
    assert min(distance(said[name], said[""]) for name in KINDS) > 2 * ROUNDED


@pytest.mark.parametrize(("threshold", "bound"), [(0.0, 1e-5), (6.0, ROUNDED)])
def test_in_a_batch_int8_differs_by_its_outliers_only(
    base: Path, adapters: dict[str, Path], threshold: float, bound: float
) -> None:
    # LLM.int8 computes a column in 16 bits when it is large for any token of the batch.
    plain, made = quantised(base, adapters, quantisation="int8", dtype="float32")
    for module in (*plain.model.modules(), *made.model.modules()):
        state: Any = getattr(module, "state", None)
        if state is not None:
            state.threshold = threshold
    tokens = list(PROMPTS[2])
    for name, got in zip(NAMES, logits_of(made, tokens, NAMES), strict=True):
        assert distance(got, expected(plain, tokens, name)) < bound


def test_in_a_batch_nf4_says_what_peft_says(base: Path, adapters: dict[str, Path]) -> None:
    plain, made = quantised(base, adapters, quantisation="nf4", dtype="float32")
    tokens = list(PROMPTS[2])
    for name, got in zip(NAMES, logits_of(made, tokens, NAMES), strict=True):
        assert distance(got, expected(plain, tokens, name)) < TOLERANCE["nf4"]
