"""The border between a form's own text and what people wrote: quoted text never controls.

Splitting special tokens off at encoding is not enough: ordinary added tokens are still matched,
and encoding parts apart changes the ids of harmless text. So the text is escaped first and then
encoded as a whole. The tokenizer itself is asked where it sees control tokens, so whatever its
normaliser does to the text is taken into account.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from madang.contract import Part
from madang.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

Span = tuple[int, int]

JOINERS = ("\u200b", "\u2060", " ")  # the first that the tokenizer keeps is used
REPLACEMENT = "\ufffd"
SURROGATES = "\ud800-\udfff"  # half characters, which no tokenizer takes
ROUNDS = 32  # each breaks every control string in sight; what they hid shows in the next


class Border:
    """Escape quoted text for one tokenizer by breaking up control strings.

    Control strings are the special tokens, the added tokens that are not plain words or white
    space, the `markers` (role names that a chat template writes as ordinary text), and the stop
    strings of a request. Text without any of them comes out unchanged.
    """

    def __init__(self, tokenizer: "Tokenizer", markers: Iterable[str] = ()) -> None:
        added = tokenizer.get_added_tokens_decoder()
        controls = {id_: token for id_, token in added.items() if is_control(token)}
        self._tokenizer = tokenizer
        self._markers = tuple(markers)
        self._ids = frozenset(controls)
        texts = [token.content for token in controls.values()]
        single = "".join(re.escape(text) for text in texts if len(text) == 1)
        self._unbreakable = re.compile(f"[{SURROGATES}{single}]")
        self._joiner = self._kept_joiner([text for text in texts if len(text) > 1])

    def escape(self, parts: Sequence[Part], stops: Sequence[str] = ()) -> str:
        """Join `parts`, with every control string that touches a quoted one broken up."""
        text = _Marked.of([self._cleaned(part) for part in parts])
        if not any(text.quoted):
            return text.text
        markers = (*self._markers, *filter(None, stops))
        for _ in range(ROUNDS):
            breaks = self._breaks(text, markers)
            if not breaks:
                return text.text
            text = text.broken(breaks, self._joiner)
        raise ModelError(
            "this tokenizer reads a control token from quoted text however it is escaped",
            "Set `tokenizer` of the model to one whose added tokens are not plain text.",
        )

    def _cleaned(self, part: Part) -> Part:
        text = self._unbreakable.sub(REPLACEMENT, part.text) if part.quoted else part.text
        return Part(text, part.quoted)

    def _breaks(self, text: "_Marked", markers: Sequence[str]) -> set[int]:
        spans = [*self._control_spans(text.text), *_marker_spans(text.text, markers)]
        return {at for span in spans if (at := text.inside(span)) is not None}

    def _control_spans(self, text: str) -> Iterator[Span]:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        for id_, span in zip(encoding.ids, encoding.offsets, strict=True):
            if id_ in self._ids:
                yield span

    def _kept_joiner(self, controls: Sequence[str]) -> str:
        """Return the first joiner that breaks every control token of this tokenizer."""
        for joiner in JOINERS:
            broken = [f"{control[:1]}{joiner}{control[1:]}" for control in controls]
            encodings = self._tokenizer.encode_batch(broken, add_special_tokens=False)
            if self._ids.isdisjoint(id_ for encoding in encodings for id_ in encoding.ids):
                return joiner
        return JOINERS[0]


class _Marked:
    """Text that knows which of its characters are quoted."""

    def __init__(self, text: str, quoted: bytes) -> None:
        self.text = text
        self.quoted = quoted

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "_Marked":
        flags = [bytes([part.quoted]) * len(part.text) for part in parts]
        return cls("".join(part.text for part in parts), b"".join(flags))

    def inside(self, span: Span) -> int | None:
        """Return where to break a control string, or None if the form itself wrote it.

        After its first visible character if that is in quoted text, else at the last place that
        touches quoted text.
        """
        start, end = span
        if not any(self.quoted[start:end]):
            return None
        visible = end - len(self.text[start:end].lstrip())
        places = [at for at in range(start + 1, end) if any(self.quoted[at - 1 : at + 1])]
        return next((at for at in places if at > visible), places[-1] if places else start)

    def broken(self, places: set[int], joiner: str) -> "_Marked":
        """Return this text with a joiner before every one of `places`."""
        cuts = [0, *sorted(places), len(self.text)]
        spans = list(pairwise(cuts))
        text = joiner.join(self.text[start:end] for start, end in spans)
        return _Marked(text, b"\1".join(self.quoted[start:end] for start, end in spans))


def is_control(token: "AddedToken") -> bool:
    """Tell control tokens from added words and runs of white space, which are harmless."""
    content = token.content
    plain = all(char.isalnum() or char.isspace() for char in content)
    return token.special or not (plain or len(content.strip()) == 1)


def _marker_spans(text: str, markers: Iterable[str]) -> Iterator[Span]:
    """Find every marker, also where two share characters and only one of them is the form's."""
    for marker in markers:
        for match in re.finditer(f"(?={re.escape(marker)})", text):
            yield match.start(), match.start() + len(marker)
