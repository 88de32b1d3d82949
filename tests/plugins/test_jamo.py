"""Single letters of the slang friend."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang_slang_friend.jamo import COMPAT, compat_jamo

LETTERS = [chr(code) for code in range(0x3131, 0x3164)]
"""The 51 compatibility jamo."""

HANGUL = st.text(st.sampled_from([*map(chr, COMPAT), *"가각큐한글ae !\u0301"]))


def test_every_compatibility_letter_comes_back() -> None:
    assert len(LETTERS) == 51
    assert set(COMPAT.values()) == set(LETTERS)
    for letter in LETTERS:
        assert compat_jamo(unicodedata.normalize("NFKD", letter), True) == letter


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ᄏᄏᄏ", "ㅋㅋㅋ"),
        ("ᄅᄋ 대박 ᅲᅲ", "ㄹㅇ 대박 ㅠㅠ"),
        (
            "사진작가님 어서오고ᄏᄏᄏ 삼각대 꼭 쓰세요!",
            "사진작가님 어서오고ㅋㅋㅋ 삼각대 꼭 쓰세요!",
        ),
        (unicodedata.normalize("NFD", "한글 각각ㅋ"), "한글 각각ㅋ"),
        ("가\u11a8", "각"),
        ("ㅋㅋ 그대로 ㅠㅠ", "ㅋㅋ 그대로 ㅠㅠ"),
        ("e\u0301ᄏ", "e\u0301ㅋ"),
        ("", ""),
    ],
)
def test_letters_become_readable_and_syllables_stay_whole(raw: str, shown: str) -> None:
    assert compat_jamo(raw, True) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("ᄏᄏ", "ㅋ"),
        ("ᄒ", ""),
        ("ᄒ\u1161", ""),
        ("ᄒ\u1161ᆫ", "한"),
        ("아니", "아"),
        ("안녕", "안녕"),
    ],
)
def test_an_open_syllable_waits_for_its_next_letter(raw: str, shown: str) -> None:
    assert compat_jamo(raw, False) == shown


@given(HANGUL)
def test_what_was_shown_stays(raw: str) -> None:
    for end in range(len(raw) + 1):
        assert compat_jamo(raw, True).startswith(compat_jamo(raw[:end], False))
        assert compat_jamo(raw, False).startswith(compat_jamo(raw[:end], False))


@given(HANGUL)
def test_no_conjoining_letter_is_left(raw: str) -> None:
    shown = compat_jamo(raw, True)

    assert not any(chr(code) in shown for code in COMPAT)
    assert compat_jamo(shown, True) == shown


@given(st.text())
def test_text_without_conjoining_letters_stays_as_it_is(raw: str) -> None:
    if not any("\u1100" <= letter <= "\u11ff" for letter in raw):
        assert compat_jamo(raw, True) == raw
