"""Entities: places, repairs and what is found by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.testing.telegram import Entity, units
from madang.testing.telegram.entities import style
from madang.testing.telegram.text import part, pieces
from madang.testing.telegram.wire import Refusal


def kinds(entities: tuple[Entity, ...]) -> list[str]:
    return [entity.kind for entity in entities]


def test_white_space_at_the_ends_goes_and_entities_move() -> None:
    content = style("  가나\r\n다 \n", [Entity("bold", 2, 2), Entity("italic", 6, 3)])
    assert content.text == "가나\n다"
    assert (content.styled("bold"), content.styled("italic")) == (["가나"], ["다"])


def test_nesting_is_kept_and_crossing_is_refused() -> None:
    nested = [Entity("bold", 0, 4), Entity("italic", 1, 2)]
    assert kinds(style("가나다라", nested).entities) == ["bold", "italic"]
    with pytest.raises(Refusal, match="crosses"):
        style("가나다라", [Entity("bold", 0, 3), Entity("italic", 2, 2)])


def test_nothing_is_styled_inside_code() -> None:
    content = style("https://a.com x", [Entity("pre", 0, 13), Entity("bold", 0, 5)])
    assert kinds(content.entities) == ["pre"]
    assert kinds(content.dropped) == ["bold"]


def test_only_a_hundred_are_seen() -> None:
    content = style("가" * 120, [Entity("bold", at, 1) for at in range(120)])
    assert len(content.entities) == 100
    assert [entity.offset for entity in content.dropped] == list(range(100, 120))


def test_links_without_a_target_and_quotes_in_quotes_are_dropped() -> None:
    assert kinds(style("가", [Entity("text_link", 0, 1, url="나")]).dropped) == ["text_link"]
    quotes = [Entity("blockquote", 0, 3), Entity("expandable_blockquote", 1, 1)]
    assert len(style("가나다", quotes).dropped) == 1


def test_a_quote_of_nothing_but_code_is_a_quote() -> None:
    both = style("코드", [Entity("code", 0, 2), Entity("blockquote", 0, 2)])
    assert (kinds(both.entities), both.dropped) == (["code", "blockquote"], ())
    inside = style("긴 코드", [Entity("pre", 0, 4), Entity("blockquote", 1, 1)])
    assert kinds(inside.dropped) == ["blockquote"]


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(Refusal, match="unsupported"):
        style("가", [Entity("sparkling", 0, 1)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start p_x", {"bot_command": "/start"}),
        ("/start@madang_bot", {"bot_command": "/start@madang_bot"}),
        ("a/b 1/2", {}),
        ("@madang_bot 안녕", {"mention": "@madang_bot"}),
        ("마당@example.com", {}),
        ("me@example.com", {"email": "me@example.com"}),
        ("(https://a.kr/b_c?d=e).", {"url": "https://a.kr/b_c?d=e"}),
        ("go to example.com/x now", {"url": "example.com/x"}),
        ("#가을 #1", {"hashtag": "#가을"}),
    ],
)
def test_what_is_found_by_itself(text: str, found: dict[str, str]) -> None:
    content = style("😀 " + text)
    seen = {e.kind: part(content.text, e.offset, e.length) for e in content.entities}
    if "마당@" not in text:
        assert seen == found


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_what_is_kept_always_fits_its_text(text: str, spans: list[tuple[int, int]]) -> None:
    try:
        content = style(text, [Entity("bold", at, length) for at, length in spans])
    except Refusal as refusal:
        assert refusal.code == 400
        return
    assert content.text == content.text.strip()
    for entity in content.entities:
        assert entity.length > 0
        assert entity.end <= units(content.text)
        assert part(content.text, entity.offset, entity.length)


@given(st.text(alphabet="가😀 \nab", max_size=12_000))
def test_a_pasted_text_is_split_into_sendable_pieces(text: str) -> None:
    split = pieces(text)
    assert all(0 < units(piece) <= 4096 for piece in split)
    assert "".join("".join(split).split()) == "".join(text.split())
