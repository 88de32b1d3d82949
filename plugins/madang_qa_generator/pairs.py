"""Pairs of a question and its answer, as the model writes them: `[[Q]] … [[A]] …`."""

import re
from dataclasses import dataclass

MARKER = re.compile(r"\[\[([QA])\]\]")
SPACED_MARKER = re.compile(r"\s*\[\[([QA])\]\]\s*")
BEGUN_MARKER = re.compile(r"\s*(\[(\[([QA]\]?)?)?)?\Z")


@dataclass(frozen=True)
class Pair:
    """Hold a question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Malformed:
    """Say why a text is no pair."""

    why: str


def parse_pair(raw: str) -> Pair | Malformed:
    """Read `[[Q]] question [[A]] answer`: both markers once, in order, with text after each."""
    markers = "".join(found[1] for found in MARKER.finditer(raw))
    if markers != "QA":
        return Malformed(_wrong_markers(markers))
    before, _, rest = raw.partition("[[Q]]")
    question, _, answer = rest.partition("[[A]]")
    pair = Pair(question.strip(), answer.strip())
    if before.strip():
        return Malformed("there is text before [[Q]]")
    if not pair.question:
        return Malformed("the question is empty")
    if not pair.answer:
        return Malformed("the answer is empty")
    return pair


def _wrong_markers(markers: str) -> str:
    for marker in "QA":
        if marker not in markers:
            return f"[[{marker}]] is missing"
    if markers == "AQ":
        return "[[A]] stands before [[Q]]"
    return "there is more than one pair"


def tidy_pair(raw: str, final: bool) -> str:
    """Put each marker at the start of a line, with one space after it.

    Of unfinished text it holds back an end that may become a marker, or the space before one.
    """
    if not final:
        raw = BEGUN_MARKER.sub("", raw)
    return SPACED_MARKER.sub(r"\n[[\1]] ", raw).strip()
