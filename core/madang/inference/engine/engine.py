"""The engine: many requests, one batch, one step after the other."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from madang.contract import Metrics, Output, Sampling
from madang.errors import ModelError
from madang.inference.engine.cache import KVCache
from madang.inference.engine.meter import Meter
from madang.inference.engine.runner import Launched, Runner
from madang.inference.engine.scheduler import Scheduler, Step
from madang.inference.engine.sequence import Sequence
from madang.inference.written import Written

logger = logging.getLogger("madang.inference")

# What models, and torch below them, raise; anything else is a mistake of the engine's own.
FAILURES = (RuntimeError, MemoryError, ValueError, IndexError)
WIDENED_AFTER = 8  # steps that went well, after which a failed batch may grow again


@dataclass(eq=False, kw_only=True)
class Run:
    """Hold one request in the engine; `tell` gets its outputs, or the error that ends it."""

    sequence: Sequence
    sampling: Sampling
    written: Written
    tell: Callable[[Output | ModelError], None]
    began: float = field(default_factory=time.monotonic)


class Engine:
    """Take requests at any time and run steps for all of them; for one thread.

    `ahead` is how many steps are launched before the tokens of the first are read: 1 has a GPU
    compute while the host prepares, 0 is for a CPU, where nothing is gained.
    """

    def __init__(
        self, name: str, scheduler: Scheduler, runner: Runner, cache: KVCache, *, ahead: int
    ) -> None:
        self._meter = Meter()
        self._name = name
        self._scheduler = scheduler
        self._runner = runner
        self._cache = cache
        self._ahead = ahead
        self._runs: dict[Sequence, Run] = {}
        self._launched: deque[Launched] = deque()
        self._went_well = 0

    @property
    def idle(self) -> bool:
        """Say that nothing is left to do."""
        return not self._runs and not self._launched

    @property
    def metrics(self) -> Metrics:
        """Return what it did so far; from any thread."""
        return self._meter.metrics(self._scheduler)

    def add(self, run: Run) -> None:
        """Let a request wait for its first step."""
        self._runs[run.sequence] = run
        self._scheduler.add(run.sequence)

    def cancel(self, run: Run) -> None:
        """Free what a request holds; does nothing once it has ended."""
        if run.sequence in self._runs:
            self._leave(run.sequence)

    def step(self) -> None:
        """Launch the next step and read the tokens of the one that is due."""
        due = len(self._launched) if not self._launch() else len(self._launched) - self._ahead
        for _ in range(due):
            self._read(self._launched.popleft())

    def _launch(self) -> bool:
        step = self._scheduler.schedule()
        self._keep()
        if step is None:
            return False
        for sequence in step.preempted:
            self._runner.release(sequence)
        admitted = False
        try:
            self._admit(step)
            admitted = True
            self._launched.append(self._runner.launch(step))
        except FAILURES as error:
            self._take_back(step, error, admitted=admitted)
            return False
        self._meter.computed(step)
        self._grow()
        return True

    def _admit(self, step: Step) -> None:
        starts = {chunk.sequence: chunk.start for chunk in step.chunks}
        for sequence in step.admitted:
            run = self._runs[sequence]
            run.written.cached = sequence.cached
            self._runner.admit(sequence, run.sampling, starts[sequence])

    def _read(self, launched: Launched) -> None:
        for sequence, token in zip(launched.sequences, launched.tokens.tolist(), strict=True):
            if sequence not in self._runs:
                continue
            if token < 0:
                self._fail(sequence, "its logits are no numbers (NaN)", NOT_A_NUMBER)
            else:
                self._take(sequence, token)

    def _take(self, sequence: Sequence, token: int) -> None:
        self._scheduler.commit(sequence, token)
        run = self._runs[sequence]
        output = run.written.push(token)
        self._meter.token(time.monotonic() - run.began if run.written.tokens == 1 else None)
        if run.written.reason:
            self._leave(sequence)
        if output is not None:
            run.tell(output)

    def _leave(self, sequence: Sequence) -> None:
        self._scheduler.remove(sequence)
        self._keep()
        self._runner.release(sequence)
        del self._runs[sequence]

    def _keep(self) -> None:
        self._cache.keep(self._scheduler.filled)
        self._scheduler.filled.clear()

    def _fail(self, sequence: Sequence, what: str, hint: str) -> None:
        run = self._runs[sequence]
        self._leave(sequence)
        run.tell(ModelError(f"model '{self._name}' failed while it generated: {what}", hint))

    def _take_back(self, step: Step, error: Exception, *, admitted: bool) -> None:
        """Undo a step that failed, and halve the batch until whoever makes it fail is alone.

        Where not all were `admitted`, everybody loses what they hold and is admitted anew.
        """
        self._scheduler.retract(step)
        while self._launched:
            self._read(self._launched.popleft())
        self._went_well = 0
        logger.warning("a step of model '%s' failed and is made smaller: %s", self._name, error)
        _empty_caches(error)
        sequences = {chunk.sequence for chunk in step.chunks} & self._runs.keys()
        if not admitted:
            self._scheduler.narrow(0)
        self._scheduler.narrow(max(1, len(sequences) // 2))
        if len(sequences) == 1 and not self._scheduler.shorten():
            self._fail(sequences.pop(), str(error), TOO_LITTLE)

    def _grow(self) -> None:
        self._went_well += 1
        if self._went_well % WIDENED_AFTER == 0:
            self._scheduler.widen()


NOT_A_NUMBER = (
    "The weights may be damaged, or float16 too narrow for them: `madang models verify` tells, and "
    '`dtype = "bfloat16"` is wider.'
)
TOO_LITTLE = "Where memory ran out, set a smaller `context`, fewer `slots`, or a `quantisation`."


def _empty_caches(error: Exception) -> None:
    """Give memory back that torch holds for later; the error's frames hold tensors, too."""
    import torch

    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
    torch.cuda.empty_cache()
