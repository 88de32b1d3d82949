"""Tokens to text, one at a time, without ever showing half a character.

Byte-level BPE and byte fallback split a Hangul syllable into up to three tokens; until it is
whole, decoding shows U+FFFD in its place. The window of tokens that is decoded again and again
starts at a token after which the text was whole, as text-generation servers do, so that decoders
which treat the first token differently (a leading space) see a neighbour.
"""

from collections.abc import Callable, Collection

UNFINISHED = "\ufffd"
LONGEST = 3  # bytes of a UTF-8 sequence that still lacks its last one
PATIENCE = 24  # tokens without a whole character, after which the bytes are simply wrong
KEPT = 8  # tokens, enough for UTF-8 to find its feet again


class Detokenizer:
    """Turn token ids into pieces that join to the text of all of them.

    `decode` is the tokenizer's and `skipped` are the ids that it leaves out. Exact for byte-level
    tokenizers; with byte fallback exact unless the bytes are not UTF-8, where the full decode
    would also take back the whole characters next to the wrong byte.
    """

    def __init__(self, decode: Callable[[list[int]], str], skipped: Collection[int]) -> None:
        self._decode = decode
        self._skipped = skipped
        self._ids: list[int] = []
        self._read = 0
        self._shown = ""

    def push(self, token: int) -> str:
        """Take one token and return the characters that it completes."""
        if token in self._skipped:
            return ""
        self._ids.append(token)
        text = self._decode(self._ids)
        held = min(LONGEST, len(text) - len(text.rstrip(UNFINISHED)))
        piece = self._take(text[: len(text) - held])
        if piece and not held:
            self._move(self._read)
        elif len(self._ids) > PATIENCE:
            self._move(len(self._ids) - KEPT, held)
        return piece

    def flush(self) -> str:
        """Return what is left: a character that will never be whole shows as U+FFFD."""
        return self._take(self._decode(self._ids)) if self._ids else ""

    def _take(self, text: str) -> str:
        if text.startswith(self._shown):
            piece, self._shown = text[len(self._shown) :], text
            return piece
        if text.endswith(UNFINISHED) or len(text) <= len(self._shown):
            return ""
        # A wrong byte made a byte-fallback decoder take back what is already shown.
        piece = self._decode(self._ids[self._read :])
        self._shown = text
        return piece

    def _move(self, start: int, held: int = 0) -> None:
        """Begin the window at `start`; all of it but the last `held` characters is shown."""
        self._ids = self._ids[start:]
        self._read = len(self._ids)
        text = self._decode(self._ids)
        self._shown = text[: len(text) - held]
