"""Cutting: nothing is lost, nothing is too large, and sentences stay whole."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from madang.generating.passages import Passage, cut
from madang.generating.reading import Reading

WORDS = st.sampled_from(
    [
        "마당",
        "훈민정음은",
        "광합성이다",
        "ᄒᆞᆫ글",
        "👨‍👩‍👧",
        "🇰🇷",
        "e\u0301",
        "a" * 30,
        "#",
        "`" * 3,
        "---",
    ]
)
ENDS = st.sampled_from([" ", " ", " ", ". ", "? ", "다.\n", "\n", "\n\n", "\n# 제목\n\n"])
TEXTS = st.lists(st.tuples(WORDS, ENDS), max_size=60).map(
    lambda parts: "".join(word + end for word, end in parts)
)


def passages_of(text: str, size: int = 100, *, markdown: bool = True) -> list[Passage]:
    return cut(Reading(name="글.md", text=text, markdown=markdown), size)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(TEXTS | st.text(max_size=300), st.integers(20, 200), st.booleans())
def test_nothing_is_lost_or_too_large(text: str, size: int, markdown: bool) -> None:
    passages = passages_of(text, size, markdown=markdown)
    assert letters("".join(passage.text for passage in passages)) == letters(text)
    end = 0
    for passage in passages:
        assert 0 < len(passage.text) <= size
        assert passage.text == passage.text.strip()
        assert text.startswith(passage.text, passage.offset)
        assert passage.offset >= end
        end = passage.offset + len(passage.text)


@given(TEXTS, st.integers(40, 200))
def test_what_people_see_as_one_character_stays_whole(text: str, size: int) -> None:
    edges, at = {0}, 0
    for grapheme in iter_graphemes(text):
        at += len(grapheme)
        edges.add(at)
    for passage in passages_of(text, size):
        assert {passage.offset, passage.offset + len(passage.text)} <= edges


SENTENCES = st.lists(st.integers(1, 15), min_size=1, max_size=40).map(
    lambda lengths: [" ".join(["낱말"] * count) + "이다." for count in lengths]
)


@given(SENTENCES, st.sampled_from([" ", "\n", "\n\n"]))
def test_sentences_that_fit_are_not_cut(sentences: list[str], between: str) -> None:
    passages = passages_of(between.join(sentences), 60)
    found = [each for passage in passages for each in re.split(r"(?<=\.)\s+", passage.text)]
    assert found == sentences


@given(SENTENCES)
def test_passages_are_not_smaller_than_they_need_be(sentences: list[str]) -> None:
    passages = passages_of(" ".join(sentences), 60)
    for one, other in pairwise(passages):
        first = re.split(r"(?<=\.)\s+", other.text)[0]
        assert len(one.text) + 1 + len(first) > 60


LONG = "이것은 마흔 글자가 넘도록 늘여 쓴 문장이라서 제목과는 달리 혼자서도 한 조각이 되고 남는다."
MARKDOWN = f"""\
# 책

## 첫째

{LONG}

```sh
# 이것은 제목이 아니다
```

## 둘째 ##

{LONG}
"""


def test_a_heading_begins_a_passage_and_names_it() -> None:
    passages = passages_of(MARKDOWN, 400)
    assert [passage.heading for passage in passages] == ["첫째", "둘째"]
    assert passages[0].text.startswith("# 책\n\n## 첫째")
    assert "# 이것은 제목이 아니다" in passages[0].text


def test_in_plain_text_there_are_no_headings() -> None:
    assert [each.heading for each in passages_of(MARKDOWN, 400, markdown=False)] == [""]


def test_a_sentence_may_go_on_over_a_page() -> None:
    first, second = "이 문장은 쪽이 끝나도", "끝나지 않는다."
    reading = Reading(
        name="책.pdf", text=f"{first}\n{second}\n{LONG}", pages=(0, len(first) + 1, 20)
    )
    passages = cut(reading, 70)
    assert [(each.page, each.text) for each in passages] == [
        (1, f"{first}\n{second}"),
        (3, LONG),
    ]


UNITS = [".", " ", "#", "# ", "`", "```\n", "# a\n", "\n \t", ".)", "e\u0301", "가"]


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_takes_long(unit: str) -> None:
    passages = passages_of(f"# {unit * (100_000 // len(unit))}x", 800)
    assert all(len(passage.text) <= 800 for passage in passages)


@pytest.mark.parametrize(
    ("line", "heading"), [("# C#", "C#"), ("## 둘 ##", "둘"), ("# #", ""), ("#아님", "")]
)
def test_signs_that_close_a_heading_are_no_part_of_it(line: str, heading: str) -> None:
    assert passages_of(f"{line}\n\n{LONG}", 400)[0].heading == heading


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 characters"):
        passages_of("글", 0)
