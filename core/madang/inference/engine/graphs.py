"""Decoding by CUDA graphs: the launches of a step are recorded once and repeated as one.

A recorded step reads and writes the same memory every time. So there are static tensors for what
a step begins with, and steps are padded to a few numbers of rows, each recorded when it is first
needed, with adapters and without. Rows of nobody write to the spare block. All recordings share
one pool of memory: the logits of one are used up before another is repeated.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from madang.inference.engine.batch import BASE, Batch
from madang.inference.engine.current import Attend
from madang.inference.engine.kernels import token_error
from madang.inference.engine.paged import PagedCache, PagedPlan
from madang.inference.engine.runner import Forward
from madang.inference.engine.spans import Spans

if TYPE_CHECKING:
    import torch

    Compute = Callable[[], torch.Tensor]
    Record = Callable[[Compute], Compute]

logger = logging.getLogger("madang.inference")

ROUND = 8  # rows; so few cost a product nothing
# Padding changes the order of sums, in 16 bits by a hundredth; a wrong row is off by about 1.
TOLERANCE = 0.1

_recording = threading.Lock()  # one recording at a time in a process, says torch


def padded(rows: int, most: int) -> int:
    """Return how many rows are computed for `rows`: a power of 2, then whole eights."""
    wanted = 1 << (rows - 1).bit_length() if rows <= ROUND else -(-rows // ROUND) * ROUND
    return min(wanted, most)


class Graphs:
    """Compute as `forward` does, by a recording where every token of a step decodes.

    At most `rows` sequences of at most `tokens` tokens are recorded. `record` turns a computation
    into one that repeats its launches. A recording that fails, or that says something else than
    `forward`, is the last: the steps that have none yet are computed as they are.
    """

    def __init__(
        self, forward: Forward, cache: PagedCache, record: "Record", *, rows: int, tokens: int
    ) -> None:
        self._forward = forward
        self._record = record
        self._static = _Static(cache, rows, -(-tokens // cache.size))
        self._replays: dict[tuple[int, bool], Compute] = {}
        self._failed = False

    def __call__(self, batch: Batch, attend: Attend) -> "torch.Tensor":
        """Return the logits of the places that are kept."""
        if not isinstance(attend, PagedPlan) or not self._static.fits(batch, attend.spans):
            return self._forward(batch, attend)
        rows = batch.ids.shape[1]
        key = (padded(rows, self._static.rows), batch.adapters is not None)
        if key not in self._replays:
            return self._first(key, batch, attend)
        self._static.fill(batch, attend.spans, key[0])
        return self._replays[key]()[:rows]

    def _first(self, key: tuple[int, bool], batch: Batch, attend: PagedPlan) -> "torch.Tensor":
        logits = self._forward(batch, attend)
        # Damaged weights are no reason to give up, and nothing to compare with.
        if not self._failed and logits.isfinite().all():
            self._static.fill(batch, attend.spans, key[0])
            try:
                replay = self._record(partial(self._compute, *key))
                error = float(token_error(replay()[: len(logits)], logits))
            except RuntimeError as problem:
                self._give_up(f"a step of {key[0]} rows cannot be recorded: {problem}")
            else:
                if error <= TOLERANCE:
                    self._replays[key] = replay
                else:
                    self._give_up(f"a recorded step of {key[0]} rows errs by {error:.2g}")
        return logits

    def _compute(self, rows: int, with_adapters: bool) -> "torch.Tensor":
        return self._forward(*self._static.step(rows, with_adapters))

    def _give_up(self, why: str) -> None:
        logger.warning("no more CUDA graphs, decoding will be slower: %s", why)
        self._failed = True


class _Static:
    """Hold what recorded steps begin with, for up to `rows` sequences of `blocks` blocks."""

    def __init__(self, cache: PagedCache, rows: int, blocks: int) -> None:
        import torch

        long, short, device = torch.long, torch.int32, cache.device
        self.rows = rows
        self._cache = cache
        self._ids = torch.zeros(rows, dtype=long, device=device)
        self._positions = torch.zeros(rows, dtype=long, device=device)
        self._adapters = torch.full((rows,), BASE, dtype=long, device=device)
        self._slots = torch.zeros(rows, dtype=long, device=device)
        self._tables = torch.zeros(rows, blocks, dtype=short, device=device)
        self._lengths = torch.ones(rows, dtype=short, device=device)
        self._starts = torch.arange(rows + 1, dtype=short, device=device)

    def fits(self, batch: Batch, spans: Spans) -> bool:
        """Say that each token is the only one of its sequence, is sampled, and finds room."""
        return (
            isinstance(batch.kept, int)
            and batch.ids.shape[1] <= self.rows
            and spans.tables.shape[1] <= self._tables.shape[1]
        )

    def fill(self, batch: Batch, spans: Spans, rows: int) -> None:
        """Copy a step in; the rest of `rows` is nobody's, and has one token in the spare block."""
        count, width = spans.tables.shape
        self._ids[:count].copy_(batch.ids[0])
        self._positions[:count].copy_(batch.positions[0])
        if batch.adapters is not None:
            self._adapters[:count].copy_(batch.adapters)
        self._slots[:count].copy_(spans.slots)
        self._tables[:count, :width].copy_(spans.tables)
        self._lengths[:count].copy_(spans.lengths)
        if count < rows:
            self._slots[count:rows].fill_(self._cache.spare * self._cache.size)
            self._tables[count:rows, 0].fill_(self._cache.spare)
            self._lengths[count:rows].fill_(1)

    def step(self, rows: int, with_adapters: bool) -> tuple[Batch, PagedPlan]:
        """Return the first rows as a step."""
        batch = Batch(
            ids=self._ids[:rows].unsqueeze(0),
            positions=self._positions[:rows].unsqueeze(0),
            adapters=self._adapters[:rows] if with_adapters else None,
            kept=0,
            unknown={},
        )
        spans = Spans(
            slots=self._slots[:rows],
            tables=self._tables[:rows],
            lengths=self._lengths[:rows],
            starts=self._starts[: rows + 1],
            most_tokens=1,
            most_keys=self._tables.shape[1] * self._cache.size,
            chunks=None,
        )
        return batch, self._cache.over(spans)


def cuda_record() -> "Record":
    """Return what records launches on this device, into one pool of memory."""
    import torch

    pool = torch.cuda.graph_pool_handle()
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    def record(compute: "Compute") -> "Compute":
        graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        # The outer context gives the stream back also where the inner one fails on its way out.
        with _recording, torch.cuda.stream(stream):
            compute()  # what libraries set up at first use cannot be recorded
            with torch.cuda.graph(
                graph, pool=pool, stream=stream, capture_error_mode="thread_local"
            ):
                logits = compute()
        torch.cuda.current_stream().wait_stream(stream)

        def replay() -> torch.Tensor:
            graph.replay()
            return logits

        return replay

    return record
