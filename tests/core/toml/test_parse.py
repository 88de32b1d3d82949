"""Broken TOML is refused with its file, line and column, and the line itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import PersonaError, SettingsError
from madang.toml import parse, position


def test_good_text_is_a_table() -> None:
    assert parse("a = 1\r\n[b]\nc = '벗'", "my.toml") == {"a": 1, "b": {"c": "벗"}}


@pytest.mark.parametrize(
    ("text", "spot", "line"),
    [
        ("locale = \n", "1:10", "locale ="),
        ('locale = "ko"\n[models.demo\n', "2:13", "[models.demo"),
        ('locale = "ko', "1:13", 'locale = "ko'),
        ("words = [\n  1,\n\n", "2:5", "1,"),
        ('\n\nlocale = "ko"\nlocale = "en"', "4:14", 'locale = "en"'),
        ("이름 = 1", "1:1", "이름 = 1"),
        ("a = 1\r\nb : 2\r\n", "2:3", "b : 2"),
    ],
)
def test_broken_text_is_refused_at_its_line(text: str, spot: str, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, "my.toml")
    assert caught.value.message.startswith(f"my.toml:{spot}: ")
    assert caught.value.message.endswith(".")
    assert caught.value.hint == f"Look at: {line}"


def test_a_broken_secret_is_not_shown() -> None:
    with pytest.raises(SettingsError, match=r"my\.toml:1:") as caught:
        parse('bot_token = "abc', "my.toml")
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "1" * 5_000])
def test_what_python_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^my\.toml: "):
        parse(text, "my.toml")


@given(st.text())
def test_any_text_is_a_table_or_an_error_of_the_class_asked_for(text: str) -> None:
    try:
        assert isinstance(parse(text, "my.toml", PersonaError), dict)
    except PersonaError as error:
        assert error.message.startswith("my.toml:")


@pytest.mark.parametrize(("before", "spot"), [("", (1, 1)), ("ab", (1, 3)), ("a\nb", (2, 2))])
def test_a_position_counts_from_one(before: str, spot: tuple[int, int]) -> None:
    assert position(before) == spot
