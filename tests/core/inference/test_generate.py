"""Both ways of answering against transformers' `generate`."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from tests.core.inference import tiny
from tests.core.inference.asking import QUESTION, answer, completion, request
from tests.core.inference.conftest import MakeBackend
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

ARCHITECTURES = [each.name for each in (*tiny.ARCHITECTURES, *tiny.OTHERS)]


def reference(folder: Path, adapter: Path | None, prompt: str, **settings: Any) -> str:
    """Return what `generate` answers, special tokens left out."""
    model: Any = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    if adapter:
        model = PeftModel.from_pretrained(model, str(adapter))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    inputs = tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
    settings = {"max_new_tokens": 24, "do_sample": False, **settings}
    output = model.generate(**inputs, **settings)
    ids = output[0, inputs["input_ids"].shape[1] :]
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`")
@pytest.mark.parametrize("engine", ["batched", "plain"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
async def test_greedy_equals_generate(
    make_backend: MakeBackend, checkpoints: dict[str, Path], architecture: str, engine: str
) -> None:
    backend = make_backend(architecture, engine=engine)
    for adapter in ("", "1", "2"):
        folder = checkpoints[f"{architecture}-{adapter}"] if adapter else None
        expected = reference(checkpoints[architecture], folder, QUESTION)
        assert (await answer(backend, request(adapter=adapter))).text == expected


@pytest.mark.parametrize(
    "sampling",
    [
        {"temperature": 1.0},
        {"temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.15},
        {"temperature": 1.5, "min_p": 0.05},
    ],
)
async def test_the_plain_loop_draws_what_generate_draws(
    make_backend: MakeBackend, checkpoints: dict[str, Path], sampling: dict[str, Any]
) -> None:
    torch.manual_seed(7)
    settings = {"top_k": 0, **sampling}
    expected = reference(checkpoints["llama"], None, QUESTION, do_sample=True, **settings)
    got = await answer(make_backend(engine="plain"), request(seed=7, **sampling))
    assert got.text == expected


@pytest.mark.parametrize("engine", ["batched", "plain"])
async def test_greedy_with_a_penalty_equals_generate(
    make_backend: MakeBackend, checkpoints: dict[str, Path], engine: str
) -> None:
    expected = reference(checkpoints["llama"], None, QUESTION, repetition_penalty=1.3)
    got = await answer(make_backend(engine=engine), request(repetition_penalty=1.3))
    assert got.text == expected


async def test_adapters_switch_between_requests(make_backend: MakeBackend) -> None:
    backend = make_backend()
    said = [(await answer(backend, request(adapter=name))).text for name in ("", "1", "2", "1", "")]
    assert said[0] == said[4]
    assert said[1] == said[3]
    assert len(set(said)) == 3


async def test_a_long_prompt_is_read_in_chunks(
    make_backend: MakeBackend, checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.inference.plain.PREFILL_CHUNK", 7)
    prompt = completion(QUESTION * 3)
    expected = reference(checkpoints["mistral"], None, QUESTION * 3)
    assert (await answer(make_backend("mistral", engine="plain"), request(prompt))).text == expected


@pytest.mark.parametrize("engine", ["batched", "plain"])
async def test_a_seed_repeats_and_another_differs(make_backend: MakeBackend, engine: str) -> None:
    backend = make_backend(engine=engine)
    said = [
        (await answer(backend, request(temperature=1.0, seed=seed))).text
        for seed in (1, 1, 2, None, None)
    ]
    assert said[0] == said[1]
    assert len(set(said)) == 4
