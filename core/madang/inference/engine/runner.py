"""Steps through the model: tokens in, one drawn token out for every sequence that samples."""

from collections.abc import Callable
from collections.abc import Sequence as List
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.inference.engine.batch import Batch, batch_of
from madang.inference.engine.cache import KVCache
from madang.inference.engine.current import Attend, Current, computing
from madang.inference.engine.sampling import Sampler
from madang.inference.engine.scheduler import Chunk, Step
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.upload import Download, upload

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Forward = Callable[[Batch, Attend], "torch.Tensor"]
"""Compute the logits of the places that a batch keeps."""


@dataclass(frozen=True)
class Launched:
    """Hold a step whose tokens are drawn, or being drawn, on the device.

    `tokens` has one for each of `sequences`; -1 stands for logits that are no numbers.
    """

    sequences: List[Sequence]
    tokens: Download


class Runner:
    """Run steps of a prepared model, one after the other.

    `forward` is how its logits are computed, `logits_of` unless something is faster.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        cache: KVCache,
        *,
        slots: int,
        context: int,
        adapters: List[str] = (),
        forward: Forward | None = None,
    ) -> None:
        self._forward = forward or partial(logits_of, model)
        self._device = model.device
        self._cache = cache
        self._adapters = {name: number for number, name in enumerate(adapters)}
        self._sampler = Sampler(
            rows=slots,
            length=context,
            vocabulary=model.config.get_text_config().vocab_size,
            device=model.device,
        )
        self._free = list(range(slots))
        self._rows: dict[Sequence, int] = {}
        self._last: Launched | None = None

    def admit(self, sequence: Sequence, sampling: Sampling, reused: int) -> None:
        """Give a row to a sequence of which the first `reused` tokens are in the cache."""
        row = self._rows[sequence] = self._free.pop()
        self._sampler.open(row, sampling, sequence.tokens, sequence.output)
        self._cache.admit(sequence, reused)

    def release(self, sequence: Sequence) -> None:
        """Take the row of a sequence away again; does nothing where it has none."""
        row = self._rows.pop(sequence, None)
        if row is not None:
            self._sampler.close(row)
            self._free.append(row)
            self._cache.release(sequence)

    def launch(self, step: Step) -> Launched:
        """Compute a step; on a GPU this returns before it is done.

        Raises `torch.OutOfMemoryError` or another `RuntimeError`; the step may be run again.
        """
        import torch

        with torch.inference_mode():
            sequences, logits = self._compute(step.chunks)
            rows = [self._rows[sequence] for sequence in sequences]
            nothing = torch.empty(0, dtype=torch.long)  # prompts that go on, and nobody decodes
            drawn = self._sampler.draw(logits, rows) if rows else nothing
            self._last = Launched(sequences, Download(drawn))
        return self._last

    def logits(self, chunks: List[Chunk]) -> "list[tuple[Sequence, torch.Tensor]]":
        """Compute chunks and return the logits of those that sample, without drawing."""
        import torch

        with torch.inference_mode():
            return list(zip(*self._compute(chunks), strict=True))

    def _compute(self, chunks: List[Chunk]) -> "tuple[list[Sequence], torch.Tensor]":
        chunks = self._cache.arrange(chunks)
        batch = batch_of(chunks, self._adapters, self._device)
        sequences = [chunk.sequence for chunk in chunks if chunk.samples]
        self._fill_in(batch)
        return sequences, self._forward(batch, self._cache.plan(chunks))[: len(sequences)]

    def _fill_in(self, batch: Batch) -> None:
        """Put in the tokens that the step before has drawn and that nobody knows yet."""
        import torch

        if not batch.unknown or self._last is None:
            return
        drawn = {sequence: number for number, sequence in enumerate(self._last.sequences)}
        numbers = [drawn[sequence] for sequence in batch.unknown]
        places = upload(list(batch.unknown.values()), torch.long, self._device)
        known = self._last.tokens.there
        tokens = known.index_select(0, upload(numbers, torch.long, self._device))
        # What failed is drawn as -1 and found out later; until then any token does.
        batch.ids[0].index_copy_(0, places, tokens.clamp_(min=0))


def logits_of(model: "PreTrainedModel", batch: Batch, attend: Attend) -> "torch.Tensor":
    """Call a prepared model; returns `[places, vocabulary]`."""
    kept = None if isinstance(batch.kept, int) else batch.kept
    with computing(Current(attend, batch.adapters, kept)):
        logits: torch.Tensor = model(
            input_ids=batch.ids,
            position_ids=batch.positions,
            use_cache=False,
            logits_to_keep=batch.kept,
        ).logits[0]
    return logits
