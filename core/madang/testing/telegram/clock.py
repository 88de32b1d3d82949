"""Time of the service: as it passes, faster, or moved by hand."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

BEGINNING = 1_800_000_000.0


class Clock(Protocol):
    """Tell the time in seconds and call back at a time."""

    def now(self) -> float:
        """Return the time in seconds since 1970."""

    def call_at(self, when: float, action: Callable[[], None]) -> None:
        """Call back once, at a time or as soon after it as possible."""


class RunningClock:
    """Let time pass from now on, `speed` times as fast as it does."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._beginning = time.time()
        self._begun = time.monotonic()

    def now(self) -> float:
        """Return the time."""
        return self._beginning + (time.monotonic() - self._begun) * self._speed

    def call_at(self, when: float, action: Callable[[], None]) -> None:
        """Call back on the running event loop."""
        seconds = max(0.0, when - self.now()) / self._speed
        asyncio.get_running_loop().call_later(seconds, action)


class ManualClock:
    """Stand still until told to move."""

    def __init__(self) -> None:
        self._now = BEGINNING
        self._order = itertools.count()
        self._calls: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> float:
        """Return the time."""
        return self._now

    def call_at(self, when: float, action: Callable[[], None]) -> None:
        """Call back while the clock is moved past a time."""
        heapq.heappush(self._calls, (when, next(self._order), action))

    def move(self, seconds: float) -> None:
        """Move forward, and do on the way what was to be done."""
        target = self._now + seconds
        while self._calls and self._calls[0][0] <= target:
            self._now, _, action = heapq.heappop(self._calls)
            action()
        self._now = target
