"""What the engine cannot serve exactly is refused with the reason, or served one by one."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.core.inference import tiny
from tests.core.inference.asking import QUESTION, answer, request
from tests.core.inference.published import edit
from tests.core.inference.test_generate import reference
from transformers import (
    BartConfig,
    BartForCausalLM,
    Lfm2Config,
    Lfm2ForCausalLM,
    MambaConfig,
    MambaForCausalLM,
)

from madang.contract import Model
from madang.errors import UnsupportedParameter
from madang.inference import LocalBackend
from madang.inference.engine.stacked import Stack
from madang.inference.engine.support import check_class
from madang.inference.loader import load

HYBRIDS = {
    "a convolution": (
        tiny.Architecture(
            name="lfm2",
            config=Lfm2Config,
            model=Lfm2ForCausalLM,
            targets=(),
            settings={"num_key_value_heads": 2, "layer_types": ["conv", "full_attention"]},
        ),
        "Lfm2ForCausalLM has layers of type conv",
    ),
    "a state": (
        tiny.Architecture(
            name="mamba", config=MambaConfig, model=MambaForCausalLM, targets=(), settings={}
        ),
        "MambaForCausalLM computes attention in a way of its own",
    ),
    "a decoder of two": (
        tiny.Architecture(
            name="bart",
            config=BartConfig,
            model=BartForCausalLM,
            targets=(),
            settings={"d_model": 32, "decoder_attention_heads": 4, "decoder_layers": 2},
        ),
        "BartForCausalLM computes attention in a way of its own",
    ),
}
ROPES: dict[str, dict[str, Any]] = {
    "dynamic": {"factor": 2.0},
    "longrope": {
        "short_factor": [1.0] * 4,
        "long_factor": [2.0] * 4,
        "original_max_position_embeddings": 64,
        "factor": 4.0,
    },
}


@pytest.fixture
def folder(checkpoints: dict[str, Path], tmp_path: Path) -> Path:
    """Give a copy of a checkpoint, to be changed."""
    return Path(shutil.copytree(checkpoints["llama"], tmp_path / "llama"))


def rope(kind: str) -> Callable[[dict[str, Any]], None]:
    """Scale the positions of a config."""

    def change(config: dict[str, Any]) -> None:
        theta = config["rope_parameters"]["rope_theta"]
        config["rope_parameters"] = {"rope_type": kind, "rope_theta": theta, **ROPES[kind]}

    return change


async def refusal(folder: Path, **table: Any) -> UnsupportedParameter:
    """Return why a checkpoint is not served."""
    backend = LocalBackend("tiny", Model(source=str(folder), dtype="float32", context=256, **table))
    with pytest.raises(UnsupportedParameter) as caught:
        await backend.load(lambda done: None)
    await backend.close()
    assert caught.value.hint.startswith('Set `engine = "auto"` of [models.tiny]')
    return caught.value


@pytest.mark.parametrize("kind", HYBRIDS)
async def test_layers_that_are_no_plain_attention_are_refused(tmp_path: Path, kind: str) -> None:
    architecture, why = HYBRIDS[kind]
    tiny.checkpoint(tmp_path, architecture)
    message = (await refusal(tmp_path)).message
    assert message == f"the batching engine cannot serve model 'tiny' exactly: {why}"


@pytest.mark.parametrize("kind", ROPES)
async def test_angles_that_depend_on_the_batch_are_refused(folder: Path, kind: str) -> None:
    edit(folder / "config.json", rope(kind))
    why = f"LlamaForCausalLM scales positions by the length of the text ({kind})"
    assert (await refusal(folder)).message.endswith(why)


def test_an_encoder_is_refused(folder: Path) -> None:
    loaded = load("tiny", Model(source=str(folder)), lambda done: None)
    loaded.model.config.is_encoder_decoder = True
    with pytest.raises(UnsupportedParameter, match="LlamaForCausalLM has an encoder"):
        check_class(loaded)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`")
@pytest.mark.parametrize("engine", ["auto", "plain"])
async def test_what_is_refused_is_answered_one_by_one_where_that_is_allowed(
    folder: Path, engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    edit(folder / "config.json", rope("dynamic"))
    backend = LocalBackend("tiny", Model(source=str(folder), dtype="float32", engine=engine))
    with caplog.at_level(logging.WARNING, "madang.inference"):
        got = await answer(backend, request())
    assert got.text == reference(folder, None, QUESTION)
    told = [record.getMessage() for record in caplog.records]
    assert backend.metrics.slots == 1
    await backend.close()
    if engine == "auto":
        assert "(dynamic)" in told[0]
        assert told[0].endswith("Its requests are answered one after the other.")
    else:
        assert not told


def everything(at: torch.Tensor, length: int, window: int) -> torch.Tensor:
    """See the future, too."""
    return torch.ones(len(at), length, dtype=torch.bool)


def no_numbers(part: Any, layer: int, query: torch.Tensor, *rest: Any) -> torch.Tensor:
    """Attend to nothing."""
    return query.transpose(0, 1) * torch.nan


def silent(stack: Stack, layer: int, outputs: int) -> torch.Tensor:
    """Have adapters say nothing."""
    return torch.zeros(outputs, len(stack.columns) + len(stack.constants))


ENGINE = "madang.inference.engine"
WRONG: dict[str, Any] = {
    "rowplan._seen": everything,
    "rowplan._Singles.attend": no_numbers,
    "rowplan._Stretch.attend": no_numbers,
    "stacked.Stack.up": silent,
    "prepare._activation": lambda function: "gelu",
    "batch.BASE": 0,
}


@pytest.mark.parametrize("part", WRONG)
async def test_what_is_computed_wrong_is_found_by_trying(
    checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    adapters = {"1": str(checkpoints["llama-1"])}
    monkeypatch.setattr(f"{ENGINE}.prepare.WORTH_PACKING", 1)
    monkeypatch.setattr(f"{ENGINE}.{part}", WRONG[part])
    why = "LlamaForCausalLM says something else in a batch"
    assert why in (await refusal(checkpoints["llama"], adapters=adapters)).message


async def test_what_cannot_be_computed_is_found_by_trying(
    checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotImplementedError("its attention asks for sinks")

    monkeypatch.setattr(f"{ENGINE}.rowplan.RowPlan.__call__", fail)
    error = await refusal(checkpoints["llama"])
    assert "cannot be batched: its attention asks for sinks" in error.message


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`")
async def test_after_a_failed_try_the_model_is_as_it_was(
    checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{ENGINE}.rowplan._seen", everything)
    adapters = {"1": str(checkpoints["llama-1"])}
    source = str(checkpoints["llama"])
    model = Model(source=source, adapters=adapters, dtype="float32", engine="auto")
    backend = LocalBackend("tiny", model)
    for name in ("", "1"):
        expected = reference(
            checkpoints["llama"], checkpoints["llama-1"] if name else None, QUESTION
        )
        assert (await answer(backend, request(adapter=name))).text == expected
    await backend.close()
