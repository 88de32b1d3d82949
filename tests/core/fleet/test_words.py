"""Figures and foreign text as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.fleet.words import counted, line, plain, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-0.2, "0.0 s"),
        (4.25, "4.2 s"),
        (59.4, "59 s"),
        (61, "1 min 01 s"),
        (3599.9, "59 min 59 s"),
        (7260, "2 h 01 min"),
        (90_000, "1 d 01 h"),
    ],
)
def test_a_time_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_things_are_counted() -> None:
    assert counted(1, "worker") == "1 worker"
    assert counted(1200, "request waits", "requests wait") == "1,200 requests wait"


@given(st.text())
def test_nothing_steers_a_terminal(text: str) -> None:
    assert not {*plain(text)} & {*"\x00\x07\x08\x1b\r\x7f\x9b\u202e\u2066"}
    assert len(plain(text)) == len(text)
    assert "\n" not in line(text)


def test_korean_and_emoji_stay_as_they_are() -> None:
    assert plain("안녕 👩‍🚀\n\t끝") == "안녕 👩‍🚀\n\t끝"
