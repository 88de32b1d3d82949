"""The words on a list: given in the profile, in a file of one word a line, or both."""

import logging
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from madang.errors import SettingsError
from madang.filters.trie import WordTrie
from madang.toml import Stamp, read_text, stamp

log = logging.getLogger("madang.filters")


class Words:
    """Hold a trie of the words, made again when the file changes; the last good one is kept."""

    def __init__(self, words: Iterable[str], file: str = "") -> None:
        """Read the file; `SettingsError` when it cannot be read or there is no word at all."""
        self._words = tuple(_normal(words))
        self._file = Path(file) if file else None
        self._stamp = self._look()
        self._trie = self._read()

    def trie(self) -> WordTrie:
        """Return the words as they are now."""
        newest = self._look()
        if newest != self._stamp:
            self._stamp = newest
            try:
                self._trie = self._read()
            except SettingsError as error:
                log.warning("The word list is left as it was: %s", error)
        return self._trie

    def _read(self) -> WordTrie:
        words = [*self._words, *(_normal(_lines(self._file)) if self._file else ())]
        if not words:
            raise SettingsError("The word list is empty.", "Give `words`, or words in `file`.")
        return WordTrie(words)

    def _look(self) -> Stamp:
        return stamp(self._file) if self._file else None


def _normal(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if word.strip():
            yield unicodedata.normalize("NFC", word.strip())


def _lines(file: Path) -> list[str]:
    return [line for line in read_text(file).splitlines() if not line.startswith("#")]
