"""The next token of every row of a batch, each by its own sampling, all on the device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.inference.engine.history import History, Penalised
from madang.inference.engine.peaks import padded, peaks
from madang.inference.engine.sampled import Row, Sampled, groups
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class _Batch:
    rows: tuple[int, ...]
    penalised: Penalised | None
    sampled: list[Sampled]


class Sampler:
    """Draw the tokens of at most `rows` sequences at a time, without waiting for the device.

    The order is that of `generate`: repetition penalty over prompt and output, then, unless the
    temperature is 0, temperature, top-k, top-p and min-p, all in fp32. What a row draws depends
    on its logits, sampling and seed only, not on its number or its company. `length` is how many
    different tokens of a sequence there is room for at first.
    """

    def __init__(self, *, rows: int, length: int, vocabulary: int, device: "torch.device") -> None:
        import torch

        self._vocabulary = vocabulary
        self._scores = torch.empty((rows, padded(vocabulary)), device=device)
        self._history = History(rows, length, vocabulary, device)
        self._rows: dict[int, Row] = {}
        self._batch: _Batch | None = None

    def open(self, row: int, sampling: Sampling, tokens: Sequence[int], drawn: int = 0) -> None:
        """Give number `row` to a sequence that consists of `tokens` so far.

        The last `drawn` of them were drawn before: random numbers go on behind theirs.
        """
        import torch

        self._rows[row] = Row(sampling, drawn)
        self._batch = None
        if sampling.repetition_penalty != 1:
            with torch.inference_mode():
                self._history.open(row, tokens)

    def close(self, row: int) -> None:
        """Forget the sequence that has number `row`."""
        del self._rows[row]
        self._batch = None

    def draw(self, logits: "torch.Tensor", rows: Sequence[int]) -> "torch.Tensor":
        """Return the next token of each of `rows`, by their logits (rows, vocabulary).

        The tokens are int64 on the device, and remembered there. A row whose best logit is not a
        finite number gets -1. Where memory runs out, nothing is drawn, and it may be tried again.
        """
        import torch

        with torch.inference_mode():
            batch = self._prepared(tuple(rows))
            scores = self._scores[: len(rows)]
            scores[:, : self._vocabulary] = logits
            # Nobody draws what is behind the vocabulary, whatever a penalty made of it before.
            scores[:, self._vocabulary :] = -torch.inf
            if batch.penalised:
                self._history.penalise(scores, batch.penalised)
            found = peaks(scores)
            tokens = found.tokens
            for group in batch.sampled:
                tokens[group.places] = group.draw(found)
            tokens.masked_fill_(~found.best.isfinite(), -1)
            if batch.penalised:
                self._history.append(batch.penalised, tokens)
            for group in batch.sampled:
                for row in group.rows:
                    row.advance()
            return tokens

    def _prepared(self, rows: tuple[int, ...]) -> _Batch:
        """Return what is fixed as long as the same rows are drawn."""
        if self._batch is None or self._batch.rows != rows:
            opened = {place: self._rows[row] for place, row in enumerate(rows)}
            drawing = {at: row for at, row in opened.items() if row.sampling.temperature}
            width, device = self._scores.shape[1], self._scores.device
            sampled = groups(drawing, width, device) if drawing else []
            self._batch = _Batch(rows, self._penalised(rows), sampled)
        return self._batch

    def _penalised(self, rows: tuple[int, ...]) -> Penalised | None:
        import torch

        penalties = [self._rows[row].sampling.repetition_penalty for row in rows]
        places = [place for place, penalty in enumerate(penalties) if penalty != 1]
        if not places:
            return None
        slots = [rows[place] for place in places]
        factors = [penalties[place] for place in places]
        device = self._scores.device
        return Penalised(
            rows=tuple(slots),
            slots=upload(slots, torch.long, device),
            places=upload(places, torch.long, device),
            penalties=upload(factors, torch.float32, device)[:, None],
        )
