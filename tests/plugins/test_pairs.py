"""Pairs of a question and its answer: reading and tidying them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang_qa_generator.pairs import Malformed, Pair, parse_pair, tidy_pair

RAW = st.lists(st.sampled_from(["[[Q]]", "[[A]]", "[", "]", "Q", "가", " ", "\n"])).map("".join)
WORDS = st.text(st.characters(exclude_characters="[]")).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    "raw",
    ["[[Q]] 왜? [[A]] 그래서.", "[[Q]]왜?[[A]]그래서.", "\n [[Q]]  왜?\n\n[[A]]\n그래서.\n"],
)
def test_a_pair_is_read(raw: str) -> None:
    assert parse_pair(raw) == Pair("왜?", "그래서.")
    assert tidy_pair(raw, True) == "[[Q]] 왜?\n[[A]] 그래서."


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "[[Q]] is missing"),
        ("왜? 그래서.", "[[Q]] is missing"),
        ("[[A]] 그래서.", "[[Q]] is missing"),
        ("[[Q]] 왜?", "[[A]] is missing"),
        ("[[Q]] 왜? [[A] 그래서.", "[[A]] is missing"),
        ("[[A]] 그래서. [[Q]] 왜?", "[[A]] stands before [[Q]]"),
        ("[[Q]] 왜? [[A]] 그래서. [[Q]] 또?", "there is more than one pair"),
        ("[[Q]] 왜? [[Q]] 왜? [[A]] 그래서.", "there is more than one pair"),
        ("[[Q]] 왜? [[A]] 그래서. [[A]] 또.", "there is more than one pair"),
        ("네! [[Q]] 왜? [[A]] 그래서.", "there is text before [[Q]]"),
        ("[[Q]] \n[[A]] 그래서.", "the question is empty"),
        ("[[Q]] 왜? [[A]] \n", "the answer is empty"),
    ],
)
def test_anything_else_says_why_not(raw: str, why: str) -> None:
    assert parse_pair(raw) == Malformed(why)


@given(WORDS, WORDS)
def test_every_pair_is_read_back(question: str, answer: str) -> None:
    assert parse_pair(f"[[Q]] {question}\n[[A]] {answer}") == Pair(question, answer)


@given(RAW)
def test_only_text_with_one_of_each_in_order_is_a_pair(raw: str) -> None:
    pair = parse_pair(raw)
    if isinstance(pair, Pair):
        assert raw.count("[[Q]]") == raw.count("[[A]]") == 1
        assert pair.question and pair.answer
        assert parse_pair(tidy_pair(raw, True)) == pair


@given(RAW)
def test_tidying_never_takes_back_what_it_showed(raw: str) -> None:
    for end in range(len(raw) + 1):
        assert tidy_pair(raw, True).startswith(tidy_pair(raw[:end], False))
        assert tidy_pair(raw, False).startswith(tidy_pair(raw[:end], False))
