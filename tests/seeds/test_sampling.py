"""How each seed model draws, and what ends its answers."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.seeds.conftest import SeedForm
from tests.standins.families import SEEDS
from tests.standins.opening import open_seeds, seeds_setup
from transformers import GenerationConfig, LlamaConfig

from madang.contract import Model
from madang.errors import PromptTooLong
from madang.inference.stop import StopStrings
from madang.inference.tokenizer import end_ids, load_tokenizer

MODELS: Mapping[str, Model] = seeds_setup({}).settings.models
IDS = {
    "slang": (1, {361}, 0),
    "culture": (1, {32000, 2}, 2),
    "assistant": (128000, {128001, 128009}, 128001),
    "genstruct": (128000, {128009}, 128009),
    "finance": (2, {2}, 2),
}
"""Of each model: what begins a text, what ends an answer, and padding."""
WRONG = GenerationConfig.from_dict({"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2})


@pytest.mark.parametrize("name", IDS)
def test_the_ids_are_those_of_the_table_whatever_the_checkpoint_says(
    name: str, tmp_path: Path
) -> None:
    bos, eos, pad = IDS[name]
    saved = SEEDS[name].tokenizer()
    if MODELS[name].special_ids.bos is not None:
        saved.bos_token = saved.convert_ids_to_tokens(17)
    if MODELS[name].special_ids.pad is not None:
        saved.pad_token = saved.convert_ids_to_tokens(18)
    saved.save_pretrained(tmp_path)
    tokenizer = load_tokenizer(name, tmp_path, MODELS[name])
    assert end_ids(MODELS[name], WRONG, LlamaConfig(), tokenizer) == eos
    assert (tokenizer.bos_token_id, tokenizer.pad_token_id) == (bos, pad)


def test_the_loads_are_those_of_the_cards() -> None:
    loads = {
        name: (model.dtype, model.quantisation, model.context) for name, model in MODELS.items()
    }
    assert loads == {
        "slang": ("bfloat16", "none", 32768),
        "culture": ("bfloat16", "none", 8192),
        "assistant": ("bfloat16", "none", 8192),
        "genstruct": ("bfloat16", "none", 8192),
        "finance": ("bfloat16", "nf4", 2048),
    }
    assert list(MODELS["genstruct"].adapters) == ["simple-qa", "writing", "creative-writing"]
    assert not any(model.trust_remote_code or model.allow_pickle for model in MODELS.values())


def test_every_model_states_its_terms() -> None:
    assert all(m.licence and m.licence_link and m.attribution for m in MODELS.values())
    assert {name for name, m in MODELS.items() if m.restriction} == {"slang", "finance"}
    assert "Built with Meta Llama 3" in MODELS["assistant"].attribution
    assert "Built with Meta Llama 3" in MODELS["genstruct"].attribution


@pytest.mark.parametrize(
    ("reference", "raw", "shown"),
    [
        ("culture_qa", " 동해입니다. 답변: 또", "동해입니다."),
        ("culture_qa", " 동해입니다.\n질문: 서해는?", "동해입니다."),
        ("culture_qa", " 동해입니다. 답변을 마칩니다.", "동해입니다. 답변을 마칩니다."),
        ("assistant", "네.\n### Question:\n또", "네."),
        ("assistant", "네.\n### Instruction:\n또", "네."),
        ("assistant", "네.\n### Response:\n또", "네."),
        ("assistant", "네.\n### Input:\n또", "네."),
        ("assistant", "네.\n### Questions\n또", "네.\n### Questions\n또"),
        ("finance_advisor", " 이자.### 질문: 또", "이자."),
        ("finance_advisor", " 이자.\n### 답변: 또", "이자."),
        ("finance_advisor", " 이자.\n###", "이자."),
        ("finance_advisor", " 이자 # 1.", "이자 # 1."),
    ],
)
def test_stop_strings_end_the_answer_wherever_tokens_do(
    forms: Mapping[str, SeedForm], reference: str, raw: str, shown: str
) -> None:
    form = forms[reference].bound.form
    for size in (1, 2, 3, 5, len(raw)):
        stops = StopStrings(form.sampling.stop)
        pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
        text = "".join(map(stops.feed, pieces)) + stops.flush()
        assert form.polished(text, final=True) == shown
        assert form.polished(raw, final=True) == shown


@pytest.mark.parametrize("reference", ["slang_friend", "qa_generator:simple-qa"])
def test_chats_end_by_their_own_token(forms: Mapping[str, SeedForm], reference: str) -> None:
    assert forms[reference].bound.sampling.stop == ()


@pytest.mark.parametrize("letters", [1, 60, 250])
async def test_culture_keeps_prompt_and_answer_within_1024(letters: int) -> None:
    async with open_seeds("네.") as seeds:
        assert (await seeds.chat.ask("뷁" * letters, persona="culture_qa")).problem is None
        model = seeds.models["culture"]
        tokens = len(model.ids[-1])
        assert tokens < 1024
        assert tokens + model.answered[-1].sampling.max_new_tokens == 1024


@pytest.mark.parametrize("letters", [350, 1000, 2200])
async def test_culture_answers_a_question_past_1024_within_the_context(letters: int) -> None:
    async with open_seeds("네.") as seeds:
        update = await seeds.chat.ask("뷁" * letters, persona="culture_qa")
        assert (update.text, update.problem) == ("네.", None)
        model = seeds.models["culture"]
        tokens = len(model.ids[-1])
        assert tokens > 1024
        assert model.answered[-1].sampling.max_new_tokens == 1024
        assert tokens + 1024 <= 8192


async def test_culture_says_so_where_even_the_context_is_too_short() -> None:
    async with open_seeds("네.") as seeds:
        update = await seeds.chat.ask("뷁" * 4000, persona="culture_qa")
        assert update.problem is not None
        assert update.problem.code == PromptTooLong("").code


@pytest.mark.parametrize(
    ("persona", "tokens"),
    [("slang_friend", 256), ("assistant", 512), ("finance_advisor", 256)],
)
async def test_the_others_have_a_fixed_room(persona: str, tokens: int) -> None:
    async with open_seeds("네.") as seeds:
        await seeds.chat.ask("안녕?", persona=persona)
        (asked,) = [each for model in seeds.models.values() for each in model.answered]
        assert (asked.sampling.max_new_tokens, asked.sampling.max_length) == (tokens, None)


async def test_a_malformed_pair_is_asked_for_again_with_another_seed() -> None:
    async with open_seeds("[[Q]] 왜?", "[[Q]] 왜?\n[[A]] 그래서.") as seeds:
        update = await seeds.chat.ask("광합성은 과정이다.", persona="qa_generator")
        assert update.text == "[[Q]] 왜?\n[[A]] 그래서."
        first, second = seeds.models["genstruct"].answered
        assert first.sampling.seed != second.sampling.seed
