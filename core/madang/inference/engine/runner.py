"""Steps through the model: tokens in, one drawn token out for every sequence that samples."""

from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.inference.engine.batch import Batch, batch_of
from madang.inference.engine.cache import KVCache
from madang.inference.engine.current import Current, computing
from madang.inference.engine.sampling import Sampler
from madang.inference.engine.scheduler import Chunk, Step
from madang.inference.engine.sequence import Sequence

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Launched:
    """Hold a step whose tokens are drawn, or being drawn, on the device.

    `tokens` has one for each of `sequences`; -1 stands for logits that are no numbers.
    """

    sequences: List[Sequence]
    tokens: "torch.Tensor"


class Runner:
    """Run steps of a prepared model, one after the other."""

    def __init__(
        self,
        model: "PreTrainedModel",
        cache: KVCache,
        *,
        slots: int,
        context: int,
        adapters: List[str] = (),
    ) -> None:
        self._model = model
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

    def release(self, sequence: Sequence, *, wipe: bool = False) -> None:
        """Take the row of a sequence away again; does nothing where it has none."""
        row = self._rows.pop(sequence, None)
        if row is not None:
            self._sampler.close(row)
            self._free.append(row)
            self._cache.release(sequence, wipe=wipe)

    def launch(self, step: Step) -> Launched:
        """Compute a step; on a GPU this returns before it is done.

        Raises `torch.OutOfMemoryError` or another `RuntimeError`; the step may be run again.
        """
        import torch

        with torch.inference_mode():
            sequences, logits = self._compute(step.chunks)
            rows = [self._rows[sequence] for sequence in sequences]
            self._last = Launched(sequences, self._sampler.draw(logits, rows))
        return self._last

    def logits(self, chunks: List[Chunk]) -> "list[tuple[Sequence, torch.Tensor]]":
        """Compute chunks and return the logits of those that sample, without drawing."""
        import torch

        with torch.inference_mode():
            return list(zip(*self._compute(chunks), strict=True))

    def _compute(self, chunks: List[Chunk]) -> "tuple[list[Sequence], torch.Tensor]":
        chunks = self._cache.arrange(chunks)
        batch = batch_of(chunks, self._adapters, self._model.device)
        sequences = [chunk.sequence for chunk in chunks if chunk.samples]
        self._fill_in(batch)
        with computing(Current(self._cache.plan(chunks), batch.adapters)):
            logits = self._model(
                input_ids=batch.ids,
                position_ids=batch.positions,
                use_cache=False,
                logits_to_keep=batch.kept,
            ).logits[0]
        return sequences, logits[: len(sequences)]

    def _fill_in(self, batch: Batch) -> None:
        """Put in the tokens that the step before has drawn and that nobody knows yet."""
        if not batch.unknown or self._last is None:
            return
        drawn = {sequence: number for number, sequence in enumerate(self._last.sequences)}
        places = list(batch.unknown.values())
        tokens = self._last.tokens[[drawn[sequence] for sequence in batch.unknown]]
        # What failed is drawn as -1 and found out later; until then any token does.
        batch.ids[0, places] = tokens.clamp(min=0)
