"""How fast a model answers, to say how long somebody will wait."""

from collections import Counter

WEIGHT = 0.2


class Pace:
    """Average the service times of each model, and count its slots and what runs in them."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._running: Counter[str] = Counter()
        self._slots: dict[str, int] = {}

    def offered(self, model: str, free: int) -> None:
        """Note that a worker has so many free slots besides what runs."""
        self._slots[model] = self._running[model] + free

    def took(self, model: str) -> None:
        """Note that a request began to run."""
        self._running[model] += 1

    def left(self, model: str) -> None:
        """Note that a request runs no longer."""
        self._running[model] -= 1

    def served(self, model: str, seconds: float) -> None:
        """Learn from an answer that came to its own end."""
        known = self._seconds.get(model, seconds)
        self._seconds[model] = known + WEIGHT * (seconds - known)

    def eta(self, model: str, position: int) -> float | None:
        """Return the seconds until a request at `position` starts; None before any was served."""
        if (seconds := self._seconds.get(model)) is None:
            return None
        slots = self._slots.get(model, 1)
        ahead = position - (slots - self._running[model])
        return seconds * max(0, ahead) / max(1, slots)
