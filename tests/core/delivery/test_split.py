"""Splitting: nothing lost, nothing cut in half, every block of code whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from madang.delivery.split import closed, open_fence, split, utf16

WORDS = st.sampled_from(
    ["안녕하세요", "한국어 문장입니다.", "emoji 👩‍👩‍👧‍👦", "- 항목", "word", "🇰🇷", "각", "x" * 90]
)
CODE = st.sampled_from(["```python\nprint(1)\nprint('둘')\n```", "~~~\n" + "코드\n" * 30 + "~~~"])
TEXTS = st.lists(st.one_of(WORDS, CODE), max_size=60).flatmap(
    lambda words: st.sampled_from(["\n", " ", "\n\n"]).map(lambda gap: gap.join(words))
)


def bare(text: str) -> str:
    """Leave out white space and the lines of fences, which a split may add."""
    return re.sub(r"\s", "", re.sub(r"(?m)^ {0,3}(`{3,}|~{3,})[^\n`]*$", "", text))


@given(TEXTS, st.integers(64, 400), st.sampled_from([len, utf16]))
def test_everything_is_there_and_fits(text: str, limit: int, measure: type[int]) -> None:
    parts = split(text, limit, measure=measure)
    assert all(measure(part) <= limit for part in parts)
    assert "".join(map(bare, parts)) == bare(text)
    assert not any(open_fence(part) for part in parts)


@given(TEXTS, st.integers(64, 200), st.data())
def test_a_part_stays_as_it_is_while_the_text_grows(
    text: str, limit: int, data: st.DataObject
) -> None:
    shorter = split(text[: data.draw(st.integers(0, len(text)))], limit)
    assert split(text, limit)[: len(shorter) - 1] == shorter[:-1]


@given(st.text(st.sampled_from("가각한글👩‍👧🇰🇷e\u0301 \n"), max_size=300), st.integers(64, 80))
def test_what_people_see_as_one_is_never_cut(text: str, limit: int) -> None:
    whole = [each for each in iter_graphemes(text) if each.strip()]
    seen = [g for part in split(text, limit) for g in iter_graphemes(part) if g.strip()]
    if all(len(each) < limit for each in whole):
        assert seen == whole


def test_paragraphs_come_before_lines_and_lines_before_words() -> None:
    assert split("a" * 40 + "\n\n" + "b" * 10 + "\n" + "c" * 30, 64) == [
        "a" * 40,
        "b" * 10 + "\n" + "c" * 30,
    ]
    assert split("a" * 40 + "\n" + "b" * 10 + " " + "c" * 30, 64)[0] == "a" * 40
    assert split("첫 문장입니다. " * 9, 64)[0].endswith("입니다.")


def test_code_is_closed_and_opened_again_with_its_language() -> None:
    parts = split("앞\n```python\n" + "print(1)\n" * 20 + "```\n뒤", 80)
    assert len(parts) > 2
    assert all(part.count("```") == 2 for part in parts)
    assert all(part.startswith("```python\n") for part in parts[1:])


def test_a_block_is_not_opened_at_the_end_of_a_message() -> None:
    parts = split("a" * 40 + "\n```py\n" + "b" * 40 + "\n```", 64)
    assert parts[0] == "a" * 40


@pytest.mark.parametrize(
    ("growing", "shown"),
    [
        ("text", "text"),
        ("```py\nx = 1", "```py\nx = 1\n```"),
        ("```py\nx = 1\n``", "```py\nx = 1\n```"),
        ("```py\nx = 1\n```", "```py\nx = 1\n```"),
        ("````\n```\nx", "````\n```\nx\n````"),
    ],
)
def test_an_open_block_is_closed_for_the_moment(growing: str, shown: str) -> None:
    assert closed(growing) == shown


def test_too_small_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        split("x", 10)
