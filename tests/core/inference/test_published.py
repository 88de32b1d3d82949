"""Checkpoints in the layout of the seed models, in every form that they are served in."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.core.inference import published
from tests.core.inference.asking import request

from madang.contract import Model
from madang.inference.loaded import Loaded
from madang.inference.loader import load
from madang.inference.plain import generate

FORMS = {
    "float32": ({"dtype": "float32"}, 0.99999),
    "bfloat16": ({"dtype": "bfloat16"}, 0.99),
    "float16": ({"dtype": "float16"}, 0.999),
    "int8": ({"dtype": "bfloat16", "quantisation": "int8"}, 0.99),
    "nf4": ({"dtype": "bfloat16", "quantisation": "nf4"}, 0.75),
}
ROOT = Path(__file__).parents[3]
IDS = torch.arange(4, 100)[None]


def read(folder: Path, **settings: Any) -> Loaded:
    model = Model(source=str(folder), **settings)
    loaded = load("tiny", model, lambda done: None)
    for adapter in model.adapters:
        loaded.adapters.check(adapter)
    return loaded


def logits(loaded: Loaded, adapter: str = "") -> torch.Tensor:
    with torch.inference_mode(), loaded.adapters.using(adapter) as model:
        found: torch.Tensor = model(input_ids=IDS.to(model.device)).logits
    return found.float().cpu()


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0))


@pytest.fixture(scope="module")
def exact(as_published: dict[str, Path]) -> dict[tuple[str, str], torch.Tensor]:
    """Give the fp32 logits of each architecture, with its adapter and without."""
    found: dict[tuple[str, str], torch.Tensor] = {}
    for name in published.NAMES:
        adapters = {"a": str(as_published[f"{name}-a"])}
        loaded = read(as_published[name], dtype="float32", adapters=adapters)
        found |= {(name, adapter): logits(loaded, adapter) for adapter in ("", "a")}
    return found


@pytest.mark.parametrize("adapter", ["", "a"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", published.NAMES)
def test_every_form_of_every_architecture_generates(
    as_published: dict[str, Path],
    exact: dict[tuple[str, str], torch.Tensor],
    name: str,
    form: str,
    adapter: str,
) -> None:
    settings, alike = FORMS[form]
    adapters = {"a": str(as_published[f"{name}-a"])} if adapter else {}
    loaded = read(as_published[name], adapters=adapters, **settings)
    found = logits(loaded, adapter)
    assert likeness(found, exact[name, adapter]) > alike
    assert likeness(found, exact[name, "" if adapter else "a"]) < alike
    *_, last = generate(loaded, request(adapter=adapter), lambda: False)
    assert last.output_tokens > 0


@pytest.mark.parametrize("name", published.NAMES)
def test_quantised_are_the_matrices_of_the_layers(as_published: dict[str, Path], name: str) -> None:
    import bitsandbytes

    for quantisation, kind in (("int8", "Linear8bitLt"), ("nf4", "Linear4bit")):
        model = read(as_published[name], quantisation=quantisation, dtype="bfloat16").model
        kinds = {key: type(layer).__name__ for key, layer in model.named_modules()}
        linear = {key for key, found in kinds.items() if found.startswith("Linear")}
        quantised = {key for key in linear if kinds[key] == kind}
        assert quantised == {key for key in linear if "layers." in key}
        head: Any = model.get_submodule(min(linear - quantised))
        assert head.weight.dtype == torch.bfloat16
    layer: Any = model.get_submodule(min(quantised))
    state = layer.weight.quant_state
    assert isinstance(state, bitsandbytes.functional.QuantState)
    assert (state.quant_type, state.nested, state.blocksize) == ("nf4", True, 64)
    assert layer.compute_dtype == torch.bfloat16


@pytest.mark.parametrize("adapter", ["", "a"])
def test_exaone_equals_its_llama_twin(as_published: dict[str, Path], adapter: str) -> None:
    ours, twin = (
        read(as_published[name], dtype="float32", adapters={"a": str(as_published[f"{name}-a"])})
        for name in ("exaone", "twin")
    )
    assert ours.model.config.model_type == "exaone"
    assert torch.equal(logits(ours, adapter), logits(twin, adapter))


def test_exaone_s_tokenizer_keeps_its_normaliser(as_published: dict[str, Path]) -> None:
    backend = read(as_published["exaone"]).tokenizer.backend_tokenizer
    assert type(backend.normalizer).__name__ == "NFC"


def test_progress_follows_the_tensors(as_published: dict[str, Path]) -> None:
    seen: list[float] = []
    load("tiny", Model(source=str(as_published["exaone"])), seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) > len(published.EXAONE)


def test_nothing_but_ours_reaches_the_terminal(as_published: dict[str, Path]) -> None:
    code = (
        "import asyncio, sys\n"
        "from madang.contract import Model\n"
        "from madang.inference import LocalBackend\n"
        "from tests.core.inference.asking import answer, request\n"
        "for quantisation in ('int8', 'nf4'):\n"
        "    model = Model(source=sys.argv[1], quantisation=quantisation, dtype='bfloat16')\n"
        "    asyncio.run(answer(LocalBackend('tiny', model), request(max_new_tokens=2)))\n"
    )
    command = [sys.executable, "-c", code, str(as_published["exaone"])]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
