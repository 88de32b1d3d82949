"""Listed words are masked or refused, and nothing that was shown is taken back."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.contract import Author, Place
from madang.errors import SettingsError
from madang.filters import WordList, Words

PLACE = Place("tty")
AUTHOR = Author("tty:1", "벗")
LISTED = ("바보", "바보멍청이", "hell", "Café", "ㅅㅂ", "x y")


@pytest.fixture
def masking() -> WordList:
    return WordList(Words(LISTED))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("이 바보야", "이 ＊＊야"),
        ("왕바보멍청이들", "왕＊＊＊＊＊들"),
        ("Hell, HELL!", "＊＊＊＊, ＊＊＊＊!"),
        ("hell은 지옥", "＊＊＊＊은 지옥"),
        ("hello shell hell2 hell_", "hello shell hell2 ＊＊＊＊_"),
        ("CAFÉ와 café", "＊＊＊＊와 ＊＊＊＊"),
        ("ㅅㅂㅅㅂ", "＊＊＊＊"),
        ("x y xy", "＊＊＊ xy"),
        ("", ""),
        ("안녕", "안녕"),
        ("\ud800 바보", "\ud800 ＊＊"),
    ],
)
async def test_listed_words_are_masked(masking: WordList, text: str, shown: str) -> None:
    assert (await masking.incoming(text, AUTHOR, PLACE)).text == shown
    assert (await masking.outgoing(text, PLACE, final=True)).text == shown
    decomposed = unicodedata.normalize("NFD", text)
    assert (await masking.incoming(decomposed, AUTHOR, PLACE)).text == shown


async def test_text_comes_out_composed(masking: WordList) -> None:
    text = unicodedata.normalize("NFD", "안녕하세요")
    assert (await masking.incoming(text, AUTHOR, PLACE)).text == "안녕하세요"


async def test_a_word_may_be_refused_or_passed() -> None:
    filters = WordList(Words(LISTED), incoming="refuse", outgoing="pass")
    assert (await filters.incoming("이 바보야", AUTHOR, PLACE)).refused
    assert not (await filters.incoming("안녕", AUTHOR, PLACE)).refused
    assert (await filters.outgoing("이 바보야", PLACE, final=True)).text == "이 바보야"


def test_an_answer_that_may_be_refused_is_not_streamed(masking: WordList) -> None:
    assert masking.streams
    assert not WordList(Words(LISTED), outgoing="refuse").streams


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("너는 바", "너는 "),
        ("너는 바보", "너는 "),
        ("너는 바보야", "너는 ＊＊"),
        ("너는 바보멍", "너는 "),
        ("go to hel", "go to "),
        ("go to hell", "go to "),
        ("go to hell.", "go to ＊＊＊＊"),
        ("go to hello", "go to hell"),
        ("x y", ""),
        ("안녕하세요", "안녕하세"),
    ],
)
async def test_an_unfinished_word_is_held_back(masking: WordList, text: str, shown: str) -> None:
    assert (await masking.outgoing(text, PLACE, final=False)).text == shown


fragments = [
    *("바", "보", "멍청", "이", "ㅅ", "ㅂ", "ㅅㅂ", "\u1107", "\u1161", "\u11ab", "\u11a8"),
    *("h", "el", "l", "o", "x", "y", " ", "Caf", "e", "\u0301", "É", "1", "_", "ß", "İ", "."),
]
pieces = st.lists(st.sampled_from(fragments) | st.text(max_size=2), max_size=12)


@given(pieces)
async def test_nothing_shown_is_taken_back(parts: list[str]) -> None:
    masking = WordList(Words(LISTED))
    shown = ""
    for end in range(len(parts) + 1):
        text = "".join(parts[:end])
        longer = (await masking.outgoing(text, PLACE, final=False)).text
        assert longer.startswith(shown)
        shown = longer
    assert (await masking.outgoing(text, PLACE, final=True)).text.startswith(shown)


@given(pieces)
async def test_what_is_masked_holds_no_listed_word(parts: list[str]) -> None:
    masking, refusing = WordList(Words(LISTED)), WordList(Words(LISTED), incoming="refuse")
    masked = (await masking.incoming("".join(parts), AUTHOR, PLACE)).text
    assert not (await refusing.incoming(masked, AUTHOR, PLACE)).refused


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "empty"),
        ({"words": [" "]}, "empty"),
        ({"word": ["a"]}, "Did you mean 'words'"),
        ({"words": "a"}, "words: expected array, got string"),
        ({"words": ["a"], "incoming": "hide"}, "incoming: invalid value 'hide'"),
        ({"file": "/no/such/file"}, "there is no such file"),
    ],
)
def test_a_wrong_table_says_what_is_wrong(table: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        WordList.of(table)


async def test_words_come_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\ufeff# 욕설\n바보\n\n  hell \n", encoding="utf-8")
    filters = WordList.of({"words": ["ㅅㅂ"], "file": str(path)})
    assert (
        await filters.incoming("바보 hell ㅅㅂ 욕설", AUTHOR, PLACE)
    ).text == "＊＊ ＊＊＊＊ ＊＊ 욕설"


async def test_a_changed_file_is_read_again_and_a_bad_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "words.txt"
    path.write_text("바보", encoding="utf-8")
    filters = WordList.of({"file": str(path)})
    path.write_text("멍청이", encoding="utf-8")
    os.utime(path, (1, 1))
    assert (await filters.incoming("바보 멍청이", AUTHOR, PLACE)).text == "바보 ＊＊＊"
    path.write_bytes(b"\xb9\xd9\xba\xb8")
    assert (await filters.incoming("바보 멍청이", AUTHOR, PLACE)).text == "바보 ＊＊＊"
    path.unlink()
    assert (await filters.incoming("바보 멍청이", AUTHOR, PLACE)).text == "바보 ＊＊＊"
    assert "is not UTF-8" in caplog.text


async def test_a_long_text_and_a_long_list_are_quick() -> None:
    filters = WordList(Words(f"word{number}" for number in range(5_000)))
    text = "word " * 20_000 + "word17"
    assert (await filters.incoming(text, AUTHOR, PLACE)).text.endswith(" ＊＊＊＊＊＊")
