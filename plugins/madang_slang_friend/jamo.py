"""Polish for slang: single letters as people type them, `ㅋㅋ` and `ㅠㅠ`.

The seed model was trained on text whose letters had been taken apart into conjoining jamo
(U+1100 block), which most fonts draw badly or not at all when they stand alone.
"""

import re
import unicodedata

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

COMPAT = {
    **{0x1100 + index: letter for index, letter in enumerate(INITIALS)},
    **{0x1161 + index: letter for index, letter in enumerate(VOWELS)},
    **{0x11A8 + index: letter for index, letter in enumerate(FINALS)},
    # Compatibility decomposition makes initials of these two, so they come back as such.
    0x111A: "ㅀ",
    0x1121: "ㅄ",
}
"""Conjoining jamo to the 51 compatibility jamo."""

HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]+")


def compat_jamo(raw: str, final: bool) -> str:
    """Compose syllables, then write single conjoining jamo as compatibility jamo.

    Only runs of Hangul are composed (NFC), other text stays as it is. Of unfinished text an
    open syllable at the end is held back, since the next letter may still join it.
    """
    composed = HANGUL.sub(lambda run: unicodedata.normalize("NFC", run[0]), raw)
    if not final and composed and _is_open(composed[-1]):
        composed = composed[:-1]
    return composed.translate(COMPAT)


def _is_open(letter: str) -> bool:
    """Say whether a vowel may join an initial, or a final a syllable that has none."""
    if "\u1100" <= letter <= "\u1112":
        return True
    return "가" <= letter <= "힣" and (ord(letter) - ord("가")) % 28 == 0
