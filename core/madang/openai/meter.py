"""What a server did for us, as far as it is seen from here."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from madang.contract import Metrics, Output

REMEMBERED = 64  # requests whose wait for the first token counts


class Meter:
    """Count requests and tokens; a server tells tokens only at the end of an answer."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._running = 0
        self._prompt = self._cached = self._output = 0
        self._waits: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def metrics(self) -> Metrics:
        """Return the counts so far; of batches and blocks only the server knows."""
        return Metrics(
            slots=self._slots,
            running=self._running,
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            output_tokens=self._output,
            first_token_seconds=statistics.median(self._waits) if self._waits else 0.0,
        )

    @contextmanager
    def request(self) -> Iterator[Callable[[Output], None]]:
        """Count one request as long as it runs; give a function that takes note of its outputs."""
        began, first = time.monotonic(), True

        def note(output: Output) -> None:
            nonlocal first
            if first:
                self._waits.append(time.monotonic() - began)
                first = False
            if output.reason:
                self._prompt += output.prompt_tokens - output.cached_tokens
                self._cached += output.cached_tokens
                self._output += output.output_tokens

        self._running += 1
        try:
            yield note
        finally:
            self._running -= 1
