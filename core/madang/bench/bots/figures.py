"""What the benches of bots count alike."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

PAUSE = 0.05


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Say how much is asked: conversations at once, over so many channels, seconds an answer."""

    conversations: int
    seconds: float
    channels: int = 1

    @property
    def milliseconds(self) -> int:
        """Return how long an answer takes."""
        return round(self.seconds * 1000)


@dataclass(frozen=True)
class Need:
    """Say what a figure has to be: at most `most`."""

    measured: float | None
    most: float

    def figures(self) -> dict[str, object]:
        """Return it for JSON."""
        met = self.measured is not None and self.measured <= self.most
        return {"measured": self.measured, "at_most": self.most, "met": met}


def spread(values: Iterable[float]) -> dict[str, float | None]:
    """Return the median and the largest of some seconds."""
    found = list(values)
    if not found:
        return {"p50": None, "max": None}
    return {"p50": round(median(found), 2), "max": round(max(found), 2)}


async def waited(done: Callable[[], bool], seconds: float) -> bool:
    """Look again and again until something is so, and say whether it ever was."""
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            return False
        await asyncio.sleep(PAUSE)
    return True
