"""An answer ends at the ids of the profile, through the backend, whatever the checkpoint says."""

from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from tests.core.inference.asking import answer, completion, request
from tests.standins.families import SEEDS
from tests.standins.opening import seeds_setup
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from madang.contract import Model, SpecialIds
from madang.inference import LocalBackend

MODELS = seeds_setup({}).settings.models
ENDS = [(name, id_) for name, model in MODELS.items() for id_ in model.special_ids.eos or ()]


def saying(token: int, name: str, folder: Path) -> Model:
    """Save a tiny model that says one token for ever, and return the table of it."""
    tokenizer = SEEDS[name].tokenizer()
    size = len(tokenizer)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=64,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        model.model.embed_tokens.weight.fill_(1.0)
        model.model.norm.weight.fill_(1.0)
        model.lm_head.weight[token] = 10.0
    # The ids of another vocabulary, as one of the five has them.
    wrong = {"bos_token_id": 1, "eos_token_id": 5, "pad_token_id": 5}
    model.generation_config = GenerationConfig.from_dict(wrong)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return replace(
        MODELS[name],
        source=str(folder),
        adapters={},
        dtype="float32",
        quantisation="none",
        revision="",
        context=64,
    )


@pytest.mark.parametrize(("name", "token"), ENDS)
async def test_an_answer_ends_at_the_profile_s_ids(name: str, token: int, tmp_path: Path) -> None:
    backend = LocalBackend(name, saying(token, name, tmp_path))
    try:
        said = await answer(backend, request(completion("왜?"), max_new_tokens=8, temperature=0.7))
        assert (said.text, said.last.reason, said.last.output_tokens) == ("", "stop", 1)
    finally:
        await backend.close()


async def test_without_them_it_would_go_on_to_the_limit(tmp_path: Path) -> None:
    table = replace(saying(128001, "assistant", tmp_path), special_ids=SpecialIds())
    backend = LocalBackend("assistant", table)
    try:
        said = await answer(backend, request(completion("왜?"), max_new_tokens=8))
        assert (said.last.reason, said.last.output_tokens) == ("length", 8)
    finally:
        await backend.close()
