"""Time and identifiers: a clock that a test may advance, and snowflakes in its order."""

import time
from datetime import UTC, datetime

EPOCH = 1_420_070_400.0


class Clock:
    """Tell the time of the stand-in: the machine's, plus what a test skipped."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return time.time() + self._skipped

    def advance(self, seconds: float) -> None:
        """Skip time, so that tokens, links and rate windows expire."""
        self._skipped += seconds


def timestamp(seconds: float) -> str:
    """Write a time as the API does: ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class Snowflakes:
    """Make identifiers that grow with time; each has a millisecond of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def make(self) -> int:
        """Return an identifier that was never returned before."""
        self._last = max(int((self._clock.now() - EPOCH) * 1000), self._last + 1)
        return self._last << 22
