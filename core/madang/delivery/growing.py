"""An answer on a platform: one message that grows, and as many more as it needs."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from madang.delivery.lane import Lane, Priority

MOST_MISSING = 8
"""Where so many messages of an answer were taken away, somebody does not want to see it."""

Content = TypeVar("Content")
Written = TypeVar("Written", contravariant=True)


class Surface(Protocol[Written]):
    """Write messages on a platform; each call is one of the platform's.

    Raises `TooFast` when the platform turns it away for a while, `Missing` when only the message
    is not there any more, and `Gone` when the channel is not.
    """

    async def send(self, content: Written, number: int) -> str:
        """Write part `number` of an answer, counted from 0, and return its id."""
        ...

    async def edit(self, message: str, content: Written) -> None:
        """Put something else in the place of a message's content."""
        ...

    async def delete(self, message: str) -> None:
        """Take a message away."""
        ...


class Gone(Exception):
    """Say that a message cannot be written to any more."""


class Missing(Exception):
    """Say that a message was taken away, where another one may be written in its place."""


@dataclass
class _Part(Generic[Content]):
    message: str
    content: Content | None


class Growing(Generic[Content]):
    """Bring messages to what `show` was last given, a call at a time and never back.

    `messages` are those of an earlier process, of which the contents are not known. With a
    `placeholder` every message begins as that, and what it is to hold comes by an edit, which may
    be repeated when nobody knows whether it arrived.
    """

    def __init__(
        self,
        lane: Lane,
        surface: Surface[Content],
        *,
        messages: Sequence[str] = (),
        placeholder: Content | None = None,
    ) -> None:
        self._lane = lane
        self._surface = surface
        self._parts = [_Part[Content](message, None) for message in messages]
        self._placeholder = placeholder
        self._wanted: Sequence[Content] = ()
        self._make: Callable[[], Sequence[Content]] | None = None
        self._final = False
        self._gone: Gone | None = None
        self._missing = 0

    @property
    def messages(self) -> Sequence[str]:
        """List the ids of the parts that are there."""
        return [part.message for part in self._parts]

    @property
    def gone(self) -> Gone | None:
        """Return why nothing more can be shown, as `finished` raises it; None while it can."""
        return self._gone

    def show(
        self, contents: Sequence[Content] | Callable[[], Sequence[Content]], *, final: bool = False
    ) -> None:
        """Bring the messages to these contents, one each; the newest call counts.

        Contents that cost something are given as what makes them, once a call may be made.
        """
        self._final = final
        if callable(contents):
            self._make = contents
        else:
            self._wanted, self._make = contents, None
        if self._gone is None and not self._reached:
            self._ask()

    async def finished(self) -> None:
        """Wait until everything is shown; raises `Gone` and what else a final call raised."""
        while not self._reached:
            if self._gone is not None:
                raise self._gone
            await self._ask()

    @property
    def _reached(self) -> bool:
        contents = [part.content for part in self._parts]
        return self._make is None and contents == list(self._wanted)

    def _ask(self) -> asyncio.Future[bool]:
        return self._lane.put(self, self._step, self._priority)

    @property
    def _priority(self) -> Priority:
        if self._final:
            return Priority.FINAL
        return Priority.PREVIEW if self._parts else Priority.FIRST

    async def _step(self) -> None:
        """Make the first call that is missing, and have the next one wait its turn."""
        if self._gone is not None:
            return
        if self._make is not None:
            self._wanted, self._make = self._make(), None
        try:
            await self._write()
        except Gone as gone:
            self._gone = gone
            raise
        if not self._reached:
            self._ask()

    async def _write(self) -> None:
        wanted, parts = self._wanted, self._parts
        for number, content in enumerate(wanted):
            if number == len(parts):
                first = content if self._placeholder is None else self._placeholder
                parts.append(_Part(await self._surface.send(first, number), first))
                return
            if parts[number].content != content:
                await self._edit(parts[number], content)
                return
        if len(parts) > len(wanted):
            await self._surface.delete(parts[-1].message)
            parts.pop()

    async def _edit(self, part: _Part[Content], content: Content) -> None:
        try:
            await self._surface.edit(part.message, content)
            part.content = content
        except Missing as missing:
            self._missing += 1
            if self._missing > MOST_MISSING:
                raise Gone("its messages are taken away again and again") from missing
            # What follows moves up, and the last content gets a message of its own.
            self._parts.remove(part)
