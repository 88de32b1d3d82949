"""What every built-in persona has: texts, samples, sampling, notices."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.contract import Persona, Sampling

SAMPLES = {
    "slang_friend": (
        "너 어제 회식 때 왜 혼자만 조용히 있었어?",
        "저는 사진 찍는 걸 좋아해요.",
        "점심 뭐 먹을까?",
    ),
    "culture_qa": (
        "독도는 어느 땅인가?",
        "한국 동쪽에 있는 바다를 무엇이라고 하는가?",
        "한글은 누가 만들었어?",
    ),
    "assistant": (
        "피보나치 수열이 뭐야?",
        "아침에 일찍 일어나는 방법을 알려줘",
        "김치찌개는 어떻게 끓여?",
    ),
    "finance_advisor": (
        "중앙은행의 역할에 대해서 설명해줄래?",
        "금리가 오르면 어떻게 되나요?",
        "복리와 단리의 차이가 뭐예요?",
    ),
    "qa_generator": (
        "훈민정음은 세종대왕이 1443년에 만들고 1446년에 반포한 글자이다. "
        "백성이 쉽게 글을 읽고 쓰도록 하기 위해 만들었다.",
        "광합성은 식물이 빛을 이용해 이산화탄소와 물로 양분을 만드는 과정이다. "
        "이때 산소가 함께 나온다.",
        "꿀벌은 꽃을 찾아다니며 꿀과 꽃가루를 모은다. "
        "이 과정에서 꽃가루받이가 일어나 열매가 맺힌다.",
    ),
}
PLUGINS = tuple(SAMPLES)


@pytest.mark.parametrize("name", PLUGINS)
def test_each_speaks_of_itself_in_korean_and_english(
    personas: Mapping[str, Persona], name: str
) -> None:
    persona = personas[name]

    assert persona.name == name
    assert list(persona.texts) == ["ko", "en"]
    for text in persona.texts.values():
        assert text.title and text.description and text.greeting and text.licence
        assert text.samples == SAMPLES[name]
        assert bool(text.notice) == (name == "finance_advisor")


def test_only_the_question_generator_is_bulk_work(personas: Mapping[str, Persona]) -> None:
    for name in PLUGINS:
        classes = {form.request_class for form in personas[name].forms.values()}
        assert classes == {"bulk" if name == "qa_generator" else "interactive"}


def test_finance_gives_no_personal_advice(personas: Mapping[str, Persona]) -> None:
    persona = personas["finance_advisor"]

    assert "투자 조언은 하지 않습니다" in persona.text("ko").notice
    assert "no personal investment advice" in persona.text("en").notice


AOG_STOP = ("\n### Question:", "\n### Instruction:", "\n### Response:", "\n### Input:")
SEEDS = {
    ("slang_friend", "seed"): Sampling(
        max_new_tokens=256, temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.15
    ),
    ("culture_qa", "seed"): Sampling(
        max_new_tokens=1024,
        max_length=1024,
        temperature=0.5,
        repetition_penalty=1.15,
        stop=(" 답변:", "\n질문"),
    ),
    ("assistant", "seed"): Sampling(
        max_new_tokens=512, temperature=0.7, top_p=0.9, repetition_penalty=1.05, stop=AOG_STOP
    ),
    ("finance_advisor", "seed"): Sampling(
        max_new_tokens=256, temperature=0.9, top_p=0.8, top_k=50, stop=("### 질문:", "\n###")
    ),
    ("qa_generator", "simple-qa"): Sampling(max_new_tokens=256, temperature=1.0),
    ("qa_generator", "writing"): Sampling(max_new_tokens=1024, temperature=1.0),
    ("qa_generator", "creative-writing"): Sampling(max_new_tokens=1024, temperature=1.0),
}


@pytest.mark.parametrize(("name", "form"), SEEDS)
def test_seed_forms_draw_as_their_cards_say(
    personas: Mapping[str, Persona], name: str, form: str
) -> None:
    assert personas[name].forms[form].sampling == SEEDS[name, form]


@pytest.mark.parametrize("name", PLUGINS)
def test_only_the_generator_judges(personas: Mapping[str, Persona], name: str) -> None:
    for form in personas[name].forms.values():
        judged = name == "qa_generator"
        assert (form.judge is not None, form.attempts) == ((True, 3) if judged else (False, 1))


@pytest.mark.parametrize("name", PLUGINS)
def test_each_is_a_typed_package_with_its_files_beside_it(name: str) -> None:
    folder = Path(__file__).parents[2] / "plugins" / f"madang_{name}"

    assert (folder / "py.typed").is_file()
    assert (folder / "persona.toml").is_file()


PIECES = (
    *("ᄏ", "ᅲ", "ᆫ", "가", "각", "다", "a", "1", "3.5", ".", "?", "…", "”", " ", "\n", "[", "]"),
    *("[[Q]]", "[[A]]", "###", " 답변:", "\n질문", "### 질문:", "\n### Question:"),
)
RAW = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(name=st.sampled_from(PLUGINS), raw=RAW)
def test_no_form_takes_back_more_than_an_unfinished_tail(
    personas: Mapping[str, Persona], name: str, raw: str
) -> None:
    for form in personas[name].forms.values():
        final = form.polished(raw, final=True)
        assert form.polished(raw, final=True) == final
        for end in range(len(raw) + 1):
            shown = form.polished(raw[:end], final=False)
            assert final.startswith(shown) or shown.startswith(final)


def test_culture_qa_is_cut_where_the_next_question_begins(
    personas: Mapping[str, Persona],
) -> None:
    polished = personas["culture_qa"].forms["seed"].polished

    assert polished(" 동해입니다.\n질문: 서해는?", final=True) == "동해입니다."
    assert polished(" 동해입니다. 답변: 동해", final=True) == "동해입니다."
    assert polished(" 동해입니다. 답", final=False) == "동해입니다."


def test_assistant_is_cut_where_the_next_turn_begins(personas: Mapping[str, Persona]) -> None:
    polished = personas["assistant"].forms["seed"].polished

    assert polished("네.\n### Question:\n또", final=True) == "네."
    assert polished("### 제목\n네.\n", final=True) == "### 제목\n네."
