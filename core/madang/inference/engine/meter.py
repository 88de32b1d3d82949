"""What the engine did, in figures."""

import statistics
import time
from collections import deque

from madang.contract import Metrics
from madang.inference.engine.scheduler import Scheduler, Step

WINDOW_SECONDS = 10.0
GRAIN_SECONDS = 0.25
RECENT = 256  # requests whose time to first token is remembered


class Meter:
    """Count on the engine's thread; `metrics` may be called from any."""

    def __init__(self) -> None:
        self._steps = 0
        self._mixed = 0
        self._batched = 0
        self._largest = 0
        self._output = 0
        self._preemptions = 0
        self._first: deque[float] = deque(maxlen=RECENT)
        self._pace: deque[tuple[float, int]] = deque()

    def computed(self, step: Step) -> None:
        """Count a step that was launched."""
        size = len(step.chunks)
        self._steps += 1
        self._batched += size
        self._largest = max(self._largest, size)
        self._mixed += len({chunk.sequence.adapter for chunk in step.chunks}) > 1
        self._preemptions += len(step.preempted)

    def token(self, waited: float | None) -> None:
        """Count a token; `waited` is how long a request's first one took, in seconds."""
        self._output += 1
        if waited is not None:
            self._first.append(waited)
        now = time.monotonic()
        if not self._pace or now - self._pace[-1][0] > GRAIN_SECONDS:
            self._pace.append((now, self._output))
            while now - self._pace[0][0] > WINDOW_SECONDS:
                self._pace.popleft()

    def metrics(self, scheduler: Scheduler) -> Metrics:
        """Return all figures as they are now."""
        blocks = scheduler.blocks
        first = list(self._first)
        return Metrics(
            slots=scheduler.most,
            waiting=scheduler.waiting,
            running=len(scheduler.running),
            steps=self._steps,
            mixed_steps=self._mixed,
            mean_batch=self._batched / self._steps if self._steps else 0.0,
            largest_batch=self._largest,
            prompt_tokens=blocks.misses,
            cached_tokens=blocks.hits,
            output_tokens=self._output,
            preemptions=self._preemptions,
            blocks=blocks.total,
            used_blocks=blocks.used,
            tokens_per_second=self._rate(),
            first_token_seconds=statistics.median(first) if first else 0.0,
        )

    def _rate(self) -> float:
        """Return the tokens a second of the last stretch, 0 when the last one is long ago."""
        pace = list(self._pace)
        now = time.monotonic()
        recent = [(at, count) for at, count in pace if now - at <= WINDOW_SECONDS]
        if not recent:
            return 0.0
        (began, before), spent = recent[0], now - recent[0][0]
        return (self._output - before) / spent if spent > 0 and began else 0.0
