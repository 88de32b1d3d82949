"""The tokens that the repetition penalty looks back on, kept on the device."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch

STEP = 64  # tokens; the widths that are looked at come in these steps, so that shapes repeat


@dataclass(frozen=True)
class Penalised:
    """Name the rows of a batch that have a penalty, and the penalties, a column of fp32.

    `slots` are the rows' numbers in the history, `places` their places in the batch.
    """

    rows: tuple[int, ...]
    slots: "torch.Tensor"
    places: "torch.Tensor"
    penalties: "torch.Tensor"


class History:
    """Remember the tokens of each row; what is unused, or no token, points behind the vocabulary.

    The scores given to `penalise` have a spare column there. A row grows as it needs.
    """

    def __init__(self, rows: int, length: int, vocabulary: int, device: "torch.device") -> None:
        import torch

        self._none = vocabulary
        self._ids = torch.full((rows, length), vocabulary, dtype=torch.long, device=device)
        self._counts = torch.zeros(rows, dtype=torch.long, device=device)
        self._lengths = [0] * rows  # the same as _counts, known without asking the device

    def open(self, row: int, tokens: Iterable[int]) -> None:
        """Let `row` start with `tokens`, each kept once; how often one came does not matter."""
        import torch

        known = [token for token in dict.fromkeys(tokens) if token < self._none]
        self._reserve(len(known))
        self._ids[row] = self._none
        self._ids[row, : len(known)] = upload(known, torch.long, self._ids.device)
        self._counts[row] = self._lengths[row] = len(known)

    def penalise(self, scores: "torch.Tensor", batch: Penalised) -> None:
        """Weaken the seen tokens of `scores` in place, as `RepetitionPenaltyLogitsProcessor`."""
        import torch

        longest = max(self._lengths[row] for row in batch.rows)
        width = min(-(-longest // STEP) * STEP, self._ids.shape[1])
        seen = self._ids[:, :width].index_select(0, batch.slots)
        flat = (seen + batch.places[:, None] * scores.shape[1]).view(-1)
        found = scores.view(-1).index_select(0, flat).view(seen.shape)
        weaker = torch.where(found < 0, found * batch.penalties, found / batch.penalties)
        # A token that is there twice is written twice, with the same value.
        scores.view(-1).scatter_(0, flat, weaker.view(-1))

    def append(self, batch: Penalised, tokens: "torch.Tensor") -> None:
        """Add the drawn one of `tokens`, one for each row of the whole batch, -1 for none."""
        self._reserve(1 + max(self._lengths[row] for row in batch.rows))
        drawn = tokens.index_select(0, batch.places)
        ends = self._counts.index_select(0, batch.slots)
        self._ids[batch.slots, ends] = drawn.masked_fill(drawn < 0, self._none)
        self._counts[batch.slots] = ends + 1
        for row in batch.rows:
            self._lengths[row] += 1

    def _reserve(self, length: int) -> None:
        import torch

        rows, room = self._ids.shape
        if length > room:
            more = self._ids.new_full((rows, max(length, 2 * room) - room), self._none)
            self._ids = torch.cat((self._ids, more), 1)
