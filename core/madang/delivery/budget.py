"""How often a platform lets a channel be written to."""

from collections import deque

Window = tuple[int, float]
"""So many calls in so many seconds."""


class Budget:
    """Say how long the next call has to wait; times are seconds of one monotonic clock.

    All `windows` hold at once. Previews leave the last `reserved` calls of each window, which may
    be changed later, to what may not be missed, and come at least `spacing` seconds apart. What the
    platform itself says, by `learn` and `pause`, holds besides.
    """

    def __init__(self, *windows: Window, reserved: int = 1, spacing: float = 0.0) -> None:
        self._windows = windows
        self.reserved = reserved
        self._spacing = spacing
        self._calls: deque[float] = deque(maxlen=max((count for count, _ in windows), default=0))
        self._open = 0.0
        self._next_preview = 0.0

    def delay(self, now: float, *, preview: bool) -> float:
        """Return the seconds until a call may be made; 0 when it may be made now."""
        moments = [self._open, self._next_preview if preview else 0.0]
        moments += [self._free(window, preview=preview) for window in self._windows]
        return max(0.0, *(moment - now for moment in moments))

    def spend(self, now: float, *, preview: bool) -> None:
        """Count a call."""
        self._calls.append(now)
        if preview:
            self._next_preview = now + self._spacing

    def learn(self, now: float, *, remaining: int, reset_after: float, preview: bool) -> None:
        """Take in what an answer says of the platform's own count."""
        if remaining <= 0:
            self._open = max(self._open, now + reset_after)
        elif preview and remaining <= self.reserved:
            self._next_preview = max(self._next_preview, now + reset_after)

    def pause(self, now: float, seconds: float) -> None:
        """Make no call for so long: the platform has said so."""
        self._open = max(self._open, now + seconds)

    def _free(self, window: Window, *, preview: bool) -> float:
        count, seconds = window
        allowed = max(1, count - self.reserved) if preview else count
        if len(self._calls) < allowed:
            return 0.0
        return self._calls[-allowed] + seconds
