"""The calls of one channel, one after another: what is last goes first, what is old goes never."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from enum import IntEnum

from madang.delivery.budget import Budget

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
"""One call of a platform; a newer call for the same message takes its place while it waits."""

_numbers = itertools.count()


class Priority(IntEnum):
    """Order what waits: a final text before the first sign of an answer before a preview."""

    FINAL = 0
    FIRST = 1
    PREVIEW = 2


class TooFast(Exception):
    """Say that the platform wants no call of this channel for so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no call for {seconds:g} s")
        self.seconds = seconds


@dataclass
class _Call:
    work: Work
    priority: Priority
    done: asyncio.Future[bool]
    number: int = field(default_factory=lambda: next(_numbers))


class Lane:
    """Make the calls of one channel within its budget.

    Of each message only the newest call waits. One that the platform turned away as `TooFast` is
    made again, unless it was a preview: a newer one will follow.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._waiting: dict[Hashable, _Call] = {}
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        """Say that nothing waits or is under way."""
        return self._running is None

    def put(self, message: Hashable, work: Work, priority: Priority) -> asyncio.Future[bool]:
        """Let a call wait; the result is False when another one took its place.

        One that waits is not replaced by a less urgent one. Raises what `work` raises, and
        `CancelledError` once the lane is closed: whoever still writes is to end.
        """
        call = _Call(work, priority, asyncio.get_running_loop().create_future())
        call.done.add_done_callback(_seen)
        if self._closed:
            call.done.cancel()
            return call.done
        before = self._waiting.get(message)
        if before is not None and before.priority < priority:
            _settle(call, value=False)
            return call.done
        if before is not None:
            call.number = before.number
            _settle(before, value=False)
        self._waiting[message] = call
        self._changed.set()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return call.done

    async def close(self) -> None:
        """Make no further call; those that wait count as replaced."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._next()
        finally:
            self._running = None
            for call in self._waiting.values():
                _settle(call, value=False)
            self._waiting.clear()

    async def _next(self) -> None:
        message, call = min(
            self._waiting.items(), key=lambda item: (item[1].priority, item[1].number)
        )
        preview = call.priority is Priority.PREVIEW
        now = asyncio.get_running_loop().time()
        if (delay := self.budget.delay(now, preview=preview)) > 0:
            await self._wait(delay)
            return
        del self._waiting[message]
        self.budget.spend(now, preview=preview)
        try:
            await call.work()
        except TooFast as slow:
            self.budget.pause(asyncio.get_running_loop().time(), slow.seconds)
            self._again(message, call)
        except asyncio.CancelledError:
            _settle(call, value=False)
            raise
        except Exception as error:  # noqa: BLE001 - one message's failure is for who asked for it
            if not call.done.done():
                call.done.set_exception(error)
        else:
            _settle(call, value=True)

    def _again(self, message: Hashable, call: _Call) -> None:
        if call.priority is Priority.PREVIEW or message in self._waiting:
            _settle(call, value=False)
        else:
            self._waiting[message] = call

    async def _wait(self, seconds: float) -> None:
        """Wait, less long when something else comes that may be more urgent."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return


def _settle(call: _Call, *, value: bool) -> None:
    if not call.done.done():
        call.done.set_result(value)


def _seen(done: asyncio.Future[bool]) -> None:
    """Keep asyncio from reporting an error that nobody waited for: it is logged here."""
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.debug("a call failed: %s", error)
