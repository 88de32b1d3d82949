"""The polish steps that every persona can name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.persona.polish import CutAt, strip

MARKERS = (" 답변:", "\n질문", "\n")
RAW = st.text(alphabet=" \n답변:질문가a")


@given(RAW)
def test_strip_never_takes_back_what_it_showed(raw: str) -> None:
    for end in range(len(raw) + 1):
        assert strip(raw, True).startswith(strip(raw[:end], False))


@given(RAW, st.lists(st.sampled_from((*MARKERS, "답변답", "변")), max_size=3))
def test_a_cut_never_takes_back_what_it_showed(raw: str, markers: list[str]) -> None:
    cut = CutAt(tuple(markers))
    for end in range(len(raw) + 1):
        assert cut(raw, True).startswith(cut(raw[:end], False))
        assert cut(raw, False).startswith(cut(raw[:end], False))


@given(RAW)
def test_a_cut_text_holds_no_marker(raw: str) -> None:
    cut = CutAt(MARKERS)

    assert not any(marker in cut(raw, True) for marker in MARKERS)
    assert raw.startswith(cut(raw, True))
    assert cut(cut(raw, True), True) == cut(raw, True)


@pytest.mark.parametrize(
    ("raw", "final", "shown"),
    [
        ("동해입니다.\n질문: 또", True, "동해입니다."),
        ("동해입니다. 답", False, "동해입니다."),
        ("동해입니다. 답", True, "동해입니다. 답"),
        ("동해입니다. 다", False, "동해입니다. 다"),
        ("", False, ""),
    ],
)
def test_a_cut_holds_back_a_marker_that_has_begun(raw: str, final: bool, shown: str) -> None:
    assert CutAt((" 답변:", "\n질문"))(raw, final) == shown


def test_a_longer_marker_around_a_shorter_one_wins() -> None:
    cut = CutAt(("abc", "b"))

    assert cut("xab", False) == "x"
    assert cut("xabc", True) == "x"
    assert cut("xabd", True) == "xa"
