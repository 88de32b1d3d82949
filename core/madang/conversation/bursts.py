"""What one person sends in one go: several messages, and one question."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from madang.contract import Author, Place

Part = TypeVar("Part")

QUIET_SECONDS = 0.6
SPLIT_SECONDS = 2.0
MOST_PARTS = 16
MOST_CUT = 4
"""So many times `most` parts of a long text, cut by its client, are taken together."""


@dataclass(eq=False)
class _Burst(Generic[Part]):
    parts: list[Part] = field(default_factory=list)
    wait: float = QUIET_SECONDS
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(kw_only=True)
class Bursts(Generic[Part]):
    """Collect what one author sends at one place until they pause, then hand it on whole.

    `take` gets the parts in their order, and one burst of an author after another; what it raises
    is the caller's to catch. A burst is over after `quiet` seconds without a new part, after
    `split` where the last part may have been cut off by its client, at `most` parts, or at once.
    """

    take: Callable[[Place, Author, list[Part]], Awaitable[None]]
    quiet: float = QUIET_SECONDS
    split: float = SPLIT_SECONDS
    most: int = MOST_PARTS
    _open: dict[tuple[str, str], _Burst[Part]] = field(default_factory=dict)
    _last: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    _waiting: set[_Burst[Part]] = field(default_factory=set)

    def add(
        self, place: Place, author: Author, part: Part, *, cut: bool = False, over: bool = False
    ) -> None:
        """Add a part to the author's burst; `cut` says that more of it may follow.

        With `over` nothing is waited for.
        """
        key = (place.key, author.id)
        burst = self._open.get(key)
        if burst is None:
            burst = self._open[key] = _Burst()
            self._waiting.add(burst)
            before = self._last.get(key)
            task = asyncio.create_task(self._collect(place, author, burst, before))
            self._last[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        burst.parts.append(part)
        burst.wait = self.split if cut else self.quiet
        # What was cut goes on, however often.
        most = self.most * MOST_CUT if cut else self.most
        if over or len(burst.parts) >= most:
            self._end(key, burst)
        burst.changed.set()

    def change(self, change: Callable[[Part], Part | None]) -> None:
        """Change the parts that were not taken yet; one for which there is None is left out."""
        for burst in self._waiting:
            changed = map(change, burst.parts)
            burst.parts = [each for each in changed if each is not None]

    async def flush(self, place: Place, author: Author) -> None:
        """End what somebody is sending at a place, and wait until that is taken."""
        key = (place.key, author.id)
        if burst := self._open.get(key):
            self._end(key, burst)
        if last := self._last.get(key):
            await asyncio.wait([last])

    async def close(self) -> None:
        """Hand on what was collected, and wait until all is taken."""
        for key, burst in list(self._open.items()):
            self._end(key, burst)
        while self._last:
            await asyncio.wait(set(self._last.values()))

    async def _collect(
        self,
        place: Place,
        author: Author,
        burst: _Burst[Part],
        before: asyncio.Task[None] | None,
    ) -> None:
        while not burst.over:
            burst.changed.clear()
            try:
                await asyncio.wait_for(burst.changed.wait(), burst.wait)
            except TimeoutError:
                self._end((place.key, author.id), burst)
        if before:
            await asyncio.wait([before])
        self._waiting.remove(burst)
        if burst.parts:
            await self.take(place, author, burst.parts)

    def _end(self, key: tuple[str, str], burst: _Burst[Part]) -> None:
        burst.over = True
        burst.changed.set()
        if self._open.get(key) is burst:
            del self._open[key]

    def _forget(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        if self._last.get(key) is task:
            del self._last[key]
