"""A filter that masks or refuses the words on a list."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from madang.contract import Author, Decision, Place
from madang.filters.words import Words
from madang.toml import read_table

Action = Literal["mask", "refuse", "pass"]

# The wide asterisk means nothing to the Markdown of Discord and Telegram.
MASK = "＊"
WHY = "It holds a word that is not allowed here."


class WordListTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe the keys of a word list's `[filters.NAME]` table."""

    words: tuple[str, ...] = ()
    file: str = ""
    incoming: Action = "mask"
    outgoing: Action = "mask"


class WordList:
    """Mask or refuse listed words, whatever their case and however their syllables are composed.

    Korean words are found inside others, since particles follow without a space; Latin words
    only between word borders. Text comes out in NFC.
    """

    def __init__(self, words: Words, incoming: Action = "mask", outgoing: Action = "mask") -> None:
        self._words = words
        self._incoming = incoming
        self._outgoing = outgoing

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "WordList":
        """Make a word list from its table; `SettingsError` names the key that is wrong."""
        table = read_table(settings, WordListTable, lambda path: "the word list")
        return cls(Words(table.words, table.file), table.incoming, table.outgoing)

    @property
    def streams(self) -> bool:
        """Say whether unfinished text may be shown: a refusal comes before anything is."""
        return self._outgoing != "refuse"

    async def incoming(self, text: str, author: Author, place: Place) -> Decision:
        """Mask or refuse what somebody typed."""
        return self._decide(text, self._incoming)

    async def outgoing(self, text: str, place: Place, *, final: bool) -> Decision:
        """Mask or refuse an answer; an unfinished one loses the tail that may become a word."""
        return self._decide(text, self._outgoing, final=final)

    def _decide(self, text: str, action: Action, *, final: bool = True) -> Decision:
        if action == "pass":
            return Decision(text=text)
        composed = unicodedata.normalize("NFC", text)
        found = self._words.trie().find(composed, final=final)
        spans = [span for span in found.spans if span[0] < found.settled]
        if action == "refuse":
            return Decision(text=text, refused=WHY if spans else "")
        return Decision(text=_masked(composed, spans)[: found.settled])


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    letters = list(text)
    for start, end in spans:
        letters[start:end] = MASK * (end - start)
    return "".join(letters)
