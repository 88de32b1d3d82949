"""Finding many words at once in a text that may still grow."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class _Node:
    below: dict[str, "_Node"] = field(default_factory=dict)
    ends: bool = False


@dataclass(frozen=True)
class Found:
    """Hold where listed words stand, and from where the text may still become one.

    `spans` are half-open ranges of characters and may overlap. Nothing before `settled` changes
    its meaning when the text grows.
    """

    spans: tuple[tuple[int, int], ...]
    settled: int


class WordTrie:
    """Find words in text: Hangul anywhere, cased scripts such as Latin at word borders.

    Both are compared case-folded, and are expected in NFC.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._root = _Node()
        for word in words:
            self._add(word)

    def find(self, text: str, *, final: bool) -> Found:
        """Search `text`; unless it is `final`, a word at its end is not settled."""
        folded, starts = _fold(text)
        spans: list[tuple[int, int]] = []
        tail = settled = len(text) if final else open_tail(text)
        for start in range(len(folded)):
            if start and _joined(folded[start - 1], folded[start]):
                continue
            end, pending = self._walk(folded, start, final)
            if end:
                spans.append((starts[start], starts[end - 1] + 1))
            if pending or (end and spans[-1][1] > tail):
                settled = min(settled, starts[start])
        return Found(tuple(spans), settled)

    def _add(self, word: str) -> None:
        node = self._root
        for letter in word.casefold():
            node = node.below.setdefault(letter, _Node())
        node.ends = True

    def _walk(self, text: str, start: int, final: bool) -> tuple[int, bool]:
        """Return the end of the longest word at `start`, or 0, and whether more may come."""
        node, longest = self._root, 0
        for at in range(start, len(text)):
            following = node.below.get(text[at])
            if following is None:
                return longest, False
            node = following
            at_end = at + 1 == len(text)
            if node.ends and not (at_end and not final and _cased(text[at])):
                bordered = at_end or not _joined(text[at], text[at + 1])
                longest = at + 1 if bordered else longest
        # The text ended inside the trie: the next piece may finish a word, or a longer one.
        return longest, not final


def _fold(text: str) -> tuple[str, list[int]]:
    """Casefold `text`; return also which character of it each folded one comes from."""
    letters, starts = [], []
    for at, folded in enumerate(map(str.casefold, text)):
        letters.append(folded)
        starts.extend([at] * len(folded))
    return "".join(letters), starts


def _joined(left: str, right: str) -> bool:
    """Say whether no word border stands between two characters."""
    return (_cased(left) and _cased(right)) or unicodedata.combining(right) != 0


def _cased(letter: str) -> bool:
    # Scripts without case write words together or, as Korean, put particles right behind them.
    return letter.isdigit() or letter.lower() != letter.upper()


def open_tail(text: str) -> int:
    """Return where the last character that may still compose with what follows begins.

    Hangul jamo and combining marks compose under NFC across the border of two pieces.
    """
    at = len(text)
    while at and _composes(text[at - 1]):
        at -= 1
    return max(at - 1, 0)


def _composes(letter: str) -> bool:
    return "\u1160" <= letter <= "\u11ff" or unicodedata.category(letter).startswith("M")
