"""Polish for answers cut short: they end where the last sentence ends."""

import re

END = re.compile(
    r"""(?P<mark>[.?!。？！…]+)            # a mark, or several such as ?! and ...
        (?P<close>["'”’)\]》」』〉】*]*)    # and what it closes
        (?P<next>\s|$|.)                  # what follows decides with it""",
    re.VERBOSE,
)
ITEM = re.compile(r"^[ \t]*(?:[-*•·]|\d+[.)]|[가-힣][.)])[ \t]+\S.*(?=\n)", re.MULTILINE)
ABBREVIATION = re.compile(r"\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|No|vs|Inc|Ltd|Co|Corp)$")
LETTERED = re.compile(r"(?:^|\n)[ \t(]*[가나다라마바사아자차카타파하]$")
WINDOW = 8
"""How many letters before a point tell what it is; longer than any of the patterns."""


def sentence_end(raw: str, final: bool) -> str:
    """Cut finished text after its last sentence; keep it whole when there is none.

    A line of a list that another line follows counts as a sentence, whatever it ends in.
    Unfinished text is shown as it is.
    """
    if not final:
        return raw
    end = max((*_sentences(raw), *_items(raw)), default=len(raw))
    return raw[:end]


def _sentences(text: str) -> list[int]:
    return [found.end("close") for found in END.finditer(text) if _ends(found, text)]


def _items(text: str) -> list[int]:
    return [found.end() for found in ITEM.finditer(text)]


def _ends(found: re.Match[str], text: str) -> bool:
    """Say whether a mark ends a sentence, and is no part of a number, name or quotation."""
    mark, following = found["mark"], found["next"]
    before = text[max(0, found.start() - WINDOW) : found.start()]
    if found["close"] and following.strip():
        return False  # the sentence goes on after what it quotes: "좋다."라고
    if mark == ".":
        return not _is_point(before, following)
    if not mark.strip(".…"):
        return following in ("", "\n")  # a pause, unless the line ends there
    return not _joins(before, following)


def _is_point(before: str, following: str) -> bool:
    """Say whether a single point belongs to a number, a date, an item or an abbreviation."""
    return (
        not before.strip()
        or before[-1:].isdigit()  # 3.5, 2024. 3. 1., 1. and a decimal cut after its point
        or _joins(before, following)
        or bool(ABBREVIATION.search(before))
        or bool(LETTERED.search(before))
    )


def _joins(before: str, following: str) -> bool:
    """Say whether a mark stands inside an address, such as bok.or.kr or /find?q=1."""
    return all(letter.isascii() and letter.isalnum() for letter in (before[-1:], following))
