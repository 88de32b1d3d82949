"""The sample outputs of the model cards, and what each persona makes of them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from madang.contract import Draft, Persona
from madang_finance_advisor.sentence import sentence_end
from madang_qa_generator.judge import judge_pair
from madang_qa_generator.pairs import Malformed, Pair, parse_pair, tidy_pair

CARDS = tomllib.loads((Path(__file__).parent / "data" / "cards.toml").read_text("utf-8"))
NEWS, MALFORMED, BANK = CARDS["news"], CARDS["malformed"], CARDS["bank"]
FIBONACCI, EAST_SEA = CARDS["fibonacci"], CARDS["east_sea"]
PAIRS = [(pair["question"], pair["answer"]) for pair in CARDS["pairs"]]


@pytest.mark.parametrize(("question", "answer"), PAIRS)
def test_genstruct_s_good_samples_are_pairs(question: str, answer: str) -> None:
    raw = f"[[Q]] {question}\n[[A]] {answer}"

    assert parse_pair(raw) == Pair(question, answer)
    assert judge_pair(Draft(raw=raw, reason="stop", question=NEWS)).accepted
    assert tidy_pair(raw, True) == raw


def test_genstruct_s_malformed_sample_is_refused() -> None:
    assert parse_pair(MALFORMED) == Malformed("[[A]] is missing")
    for reason in ("stop", "length"):
        draft = Draft(raw=MALFORMED, reason="length" if reason == "length" else "stop", question="")
        assert not judge_pair(draft).accepted


def test_genstruct_s_copied_question_would_be_refused_with_an_answer_too() -> None:
    draft = Draft(raw=f"{MALFORMED}\n[[A]] 네, 그렇습니다.", reason="stop", question=NEWS)

    assert judge_pair(draft).why == "the question copies the text"


def test_finance_keeps_the_sample_and_cuts_it_anywhere_after_a_sentence() -> None:
    sentences = [f"{each}." for each in BANK.split(".")[:-1]]
    ends = [len("".join(sentences[:count])) for count in range(len(sentences) + 1)]

    assert sentence_end(BANK, True) == BANK
    for at in range(1, len(BANK)):
        end = max(each for each in ends if each <= at)
        assert sentence_end(BANK[:at], True) == (BANK[:end] if end else BANK[:at])


@pytest.mark.parametrize(
    ("persona", "raw", "shown"),
    [
        ("finance_advisor", f" {BANK}\n", BANK),
        ("finance_advisor", f" {BANK} 또 3.", BANK),
        ("finance_advisor", f" {BANK}\n\n### 질문: 또?", BANK),
        ("culture_qa", f" {EAST_SEA}", EAST_SEA),
        ("culture_qa", f" {EAST_SEA}\n질문: 서해는?", EAST_SEA),
        ("assistant", FIBONACCI, FIBONACCI),
        ("assistant", f"{FIBONACCI}\n### Question:\n더 빠른", FIBONACCI),
        (
            "slang_friend",
            "사진작가님 어서오고ᄏᄏᄏ 삼각대 꼭 쓰세요!",
            "사진작가님 어서오고ㅋㅋㅋ 삼각대 꼭 쓰세요!",
        ),
        ("slang_friend", "ᄋᄌ ᄅᄋ 대박ᅲᅲ\n", "ㅇㅈ ㄹㅇ 대박ㅠㅠ"),
    ],
)
def test_samples_are_shown_as_the_cards_show_them(
    personas: Mapping[str, Persona], persona: str, raw: str, shown: str
) -> None:
    assert personas[persona].forms["seed"].polished(raw, final=True) == shown
