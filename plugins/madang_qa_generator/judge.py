"""Whether what the model wrote is a pair worth keeping."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from madang.contract import ACCEPT, Draft, Verdict
from madang_qa_generator.pairs import Malformed, parse_pair

SENTENCE_BREAK = re.compile(r"(?<=[.?!。？！…])\s+|\n+")
SENTENCE_END = re.compile(r"[.?!。？！…]\W*$")
MIN_LETTERS = 10
"""Shorter sentences turn up in honest questions too."""
SIMILAR = 0.9


def judge_pair(draft: Draft) -> Verdict:
    """Accept a whole, well-formed pair whose question is the model's own."""
    if draft.reason == "length":
        return Verdict(False, "the answer was cut by the token limit")
    pair = parse_pair(draft.raw)
    if isinstance(pair, Malformed):
        return Verdict(False, pair.why)
    if copies(pair.question, draft.question):
        return Verdict(False, "the question copies the text")
    return ACCEPT


def copies(question: str, text: str) -> bool:
    """Say whether a question holds, or nearly is, a sentence of the text.

    Spaces, punctuation and letter case do not count. Lines without an end mark may be
    headings, which a question may well name, so they must be nearly the whole of it.
    """
    asked = _letters(question)
    parts = {_letters(part) for part in SENTENCE_BREAK.split(question)} | {asked}
    for sentence in SENTENCE_BREAK.split(text):
        said = _letters(sentence)
        if not said:
            continue
        whole = len(said) >= MIN_LETTERS and SENTENCE_END.search(sentence)
        if (whole and said in asked) or _similar(said, parts):
            return True
    return False


def _letters(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _similar(said: str, parts: Iterable[str]) -> bool:
    matcher = SequenceMatcher(None, b=said, autojunk=False)
    for part in parts:
        matcher.set_seq1(part)
        # The two quick ratios are upper bounds that spare the quadratic one.
        if (
            matcher.real_quick_ratio() >= SIMILAR
            and matcher.quick_ratio() >= SIMILAR
            and matcher.ratio() >= SIMILAR
        ):
            return True
    return False
