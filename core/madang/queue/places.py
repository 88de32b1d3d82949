"""Who waits at which place, and telling them when it moves."""

import asyncio
from collections.abc import Iterator

from madang.contract import Progress
from madang.queue.entries import Entries
from madang.queue.entry import Entry
from madang.queue.log import Log
from madang.queue.pace import Pace
from madang.queue.waiting import Waiting


class Places:
    """Tell everybody who waits for a model their place, once for all that moves at a time."""

    def __init__(self, waiting: Waiting, entries: Entries, pace: Pace) -> None:
        self._waiting = waiting
        self._entries = entries
        self._pace = pace
        self._moved: set[str] = set()

    def of(self, model: str) -> Iterator[tuple[Entry, int]]:
        """Pair those who wait for a model with their places, which count from 1."""
        for request, position in self._waiting.places(model):
            if (entry := self._entries.active(request)) is not None:
                yield entry, position

    def moved(self, model: str) -> None:
        """Have those who wait for a model told, when the event loop comes round."""
        if not self._moved:
            asyncio.get_running_loop().call_soon(self._tell)
        self._moved.add(model)

    def _tell(self) -> None:
        moved, self._moved = self._moved, set()
        for model in moved:
            for entry, position in self.of(model):
                told = entry.log.progress
                if told is None or told.position != position:
                    entry.log.tell(self._progress(entry.log, model, position))

    def _progress(self, log: Log, model: str, position: int) -> Progress:
        return Progress(
            request=log.request,
            phase="queued",
            position=position,
            eta=self._pace.eta(model, position),
            attempt=max(1, log.attempt),
        )
