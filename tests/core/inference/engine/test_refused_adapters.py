"""Adapters that are no plain LoRA: refused with the reason, or answered one by one."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import AdaLoraConfig, IA3Config, LoraConfig, PromptTuningConfig, get_peft_model
from tests.core.inference import tiny
from tests.core.inference.asking import QUESTION, answer, request
from tests.core.inference.test_generate import reference
from transformers import AutoModelForCausalLM

from madang.contract import Model
from madang.errors import ModelNotLoaded, UnsupportedParameter
from madang.inference import LocalBackend

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`"),
    pytest.mark.filterwarnings("ignore:Setting `save_embedding_layers`"),
    pytest.mark.filterwarnings("ignore:Careful, disabling adapter layers with bias"),
]

QUERIES: dict[str, Any] = {"r": 2, "target_modules": ["q_proj"]}
REFUSED: dict[str, tuple[Any, str]] = {
    "DoRA": (LoraConfig(**QUERIES, use_dora=True), "no plain LoRA but a DoraLinearVariant"),
    "biases": (LoraConfig(**QUERIES, bias="lora_only"), "adapter 'a' .*replaces biases"),
    "head": (LoraConfig(**QUERIES, modules_to_save=["lm_head"]), "no LoRA of .*, at lm_head"),
    "embedding": (LoraConfig(r=2, target_modules=["embed_tokens"]), "at model.embed_tokens"),
    "AdaLoRA": (
        AdaLoraConfig(target_modules=["q_proj"], total_step=9),
        "no LoRA of a linear layer",
    ),
    "IA3": (
        IA3Config(target_modules=["k_proj"], feedforward_modules=[]),
        "no LoRA of a linear layer",
    ),
}


def adapter(folder: Path, base: Path, config: Any) -> Path:
    """Save an adapter of random numbers."""
    torch.manual_seed(0)
    model: Any = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data.normal_(std=0.3)
    model.save_pretrained(str(folder))
    return folder


def backend(base: Path, folder: Path, **table: Any) -> LocalBackend:
    """Serve a base with one adapter."""
    source, adapters = str(base), {"a": str(folder)}
    return LocalBackend("tiny", Model(source=source, adapters=adapters, dtype="float32", **table))


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_no_plain_lora_is_refused_and_answered_one_by_one_where_allowed(
    checkpoints: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    base, (config, why) = checkpoints["llama"], REFUSED[kind]
    folder = adapter(tmp_path, base, config)
    strict = backend(base, folder)
    with pytest.raises(UnsupportedParameter, match=why) as caught:
        await strict.load(lambda done: None)
    assert 'Set `engine = "plain"` of [models.tiny]' in caught.value.hint
    plain = backend(base, folder, engine="auto")
    said = await answer(plain, request(adapter="a"))
    await plain.close()
    assert said.text == reference(base, folder, QUESTION)


async def test_prompt_tuning_is_refused_in_any_case(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)
    folder = adapter(tmp_path, checkpoints["llama"], config)
    with pytest.raises(UnsupportedParameter, match="adapter 'a' of model 'tiny' is of kind"):
        await ask(backend(checkpoints["llama"], folder, engine="auto"))


async def test_an_adapter_of_another_shape_is_named(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    llama = tiny.ARCHITECTURES[0]
    wide = tiny.checkpoint(tmp_path / "wide", llama, hidden_size=64)
    folder = tiny.adapter(tmp_path / "a", wide, llama)
    with pytest.raises(ModelNotLoaded, match=r"adapter 'a' in .* does not fit model 'tiny'"):
        await ask(backend(checkpoints["llama"], folder))


async def ask(backend: LocalBackend) -> None:
    """Ask for the adapter; the model itself is loaded whatever becomes of that."""
    try:
        await answer(backend, request(adapter="a"))
    finally:
        await backend.close()
