"""Stop strings across the borders of pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.inference.stop import StopStrings

LETTERS = st.text(alphabet="ab#\n가", max_size=30)
STOPS = st.lists(st.text(alphabet="ab#\n가", min_size=1, max_size=4), max_size=3)


def read(pieces: list[str], stops: list[str]) -> str:
    finder = StopStrings(stops)
    return "".join(map(finder.feed, pieces)) + finder.flush()


def plain(text: str, stops: list[str]) -> str:
    """Cut at the stop string that ends first, the longest of those that end there."""
    for end in range(len(text) + 1):
        if sizes := [len(stop) for stop in stops if text[:end].endswith(stop)]:
            return text[: end - max(sizes)]
    return text


@given(text=LETTERS, stops=STOPS, cuts=st.lists(st.integers(0, 30), max_size=6))
def test_equals_the_plain_search_however_the_text_is_cut(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    borders = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(borders)]
    assert read(pieces, stops) == plain(text, stops)


@given(text=LETTERS, stop=st.text(alphabet="ab#\n가", min_size=1, max_size=4))
def test_one_stop_string_equals_find(text: str, stop: str) -> None:
    assert read(list(text), [stop]) == text.partition(stop)[0]


@given(text=LETTERS, stops=STOPS)
def test_holds_back_only_what_may_become_a_stop_string(text: str, stops: list[str]) -> None:
    finder = StopStrings(stops)
    shown = "".join(map(finder.feed, text))
    if not finder.found:
        held = text[len(shown) :]
        assert not held or any(stop.startswith(held) for stop in stops)


def test_nothing_comes_after_a_stop_string() -> None:
    finder = StopStrings(["\n###"])
    assert finder.feed("네.\n##") == "네."
    assert finder.feed("# 질문") == ""
    assert finder.found == "\n###"
    assert finder.feed("더") == ""
    assert finder.flush() == ""


@pytest.mark.parametrize("stops", [[], [""]])
def test_without_stop_strings_all_text_passes(stops: list[str]) -> None:
    assert StopStrings(stops).feed("아무 말") == "아무 말"
