"""The requests that a process follows, and the watch over those of which nothing is heard."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from madang.contract import Piece, Progress, Request
from madang.errors import MadangError
from madang.queue.log import Log
from madang.queue.redis.codec import read_end
from madang.queue.redis.link import Link
from madang.queue.redis.replies import Replies, tell
from madang.queue.redis.words import end_for, end_of

_log = logging.getLogger(__name__)

ENDED_KEPT = 1000
WATCHED_AT_ONCE = 200
ACKNOWLEDGE_SECONDS = 0.2
UNHEARD = 100
"""More deliveries than a request can have had without a word of them; numbers may have gaps."""

Submit = Callable[[Request, int], Awaitable[bool]]
"""`await submit(request, attempt)`: submit again what was lost; whether it was admitted."""


@dataclass(kw_only=True)
class Followed:
    """Hold an open request; `request` is None when another process submitted it."""

    log: Log
    replies: Replies
    request: Request | None
    silent: bool = False
    again: bool = False


class Following:
    """Keep the logs of all requests that somebody here follows, and of the last that ended.

    Every `seconds` the queue is asked about the open ones: that tells places, ends what is
    overdue, frees what a dead worker held, and finds what was lost with the server's data.
    """

    def __init__(self, link: Link, bot: str, submit: Submit, seconds: float) -> None:
        self._link = link
        self._bot = bot
        self._submit = submit
        self._seconds = seconds
        self._replies: dict[str, Replies] = {}
        self._open: OrderedDict[str, Followed] = OrderedDict()
        self._ended: OrderedDict[str, Log] = OrderedDict()
        self._delivered: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def replies(self, bot: str = "") -> Replies:
        """Return the replies to a bot, to this one unless another is named."""
        bot = bot or self._bot
        if bot not in self._replies:
            self._replies[bot] = Replies(self._link, bot, self._end)
        return self._replies[bot]

    def log(self, request: str) -> Log | None:
        """Find the log of a request that is or was followed here."""
        followed = self._open.get(request)
        return followed.log if followed else self._ended.get(request)

    async def add(
        self, log: Log, replies: Replies, *, since: str = "", request: Request | None = None
    ) -> None:
        """Follow a request; its replies are read `since` an entry, or are being read already."""
        self._ended.pop(log.request, None)
        self._open[log.request] = Followed(log=log, replies=replies, request=request)
        if since:
            await replies.follow(log, since)
        if log.end is not None:
            self._end(log)
        self._keep_on("watch", self._watch)

    async def attach(self, request: str) -> Log | None:
        """Follow a request that another process submitted; None when the queue has no such."""
        found = await self._link.insist("look", request)
        if not found:
            return None
        bot, state, since, end, why = found
        log = Log(request)
        if state == b"ended" and end:
            self._conclude(log, end, why)
            self._remember(log)
        else:
            await self.add(log, self.replies(bot.decode()), since=since.decode())
        return log

    async def settle(self, log: Log) -> None:
        """Tell a log its end if there is one by now."""
        found = await self._link.run("look", log.request)
        if found and found[1] == b"ended" and log.end is None:
            self._conclude(log, *found[3:])
            self._end(log)

    def deliver(self, request: str) -> None:
        """Note that somebody has the end of a request: it need not be kept any longer."""
        self._delivered.add(request)
        self._keep_on("acknowledge", self._acknowledge)

    async def close(self) -> None:
        """End every wait of those who read, and stop watching."""
        for followed in self._open.values():
            followed.log.close()
        for replies in self._replies.values():
            await replies.close()
        for task in list(self._tasks.values()):
            task.cancel()
            await asyncio.wait({task})
        if self._delivered:
            await self._link.run("acknowledge", *self._delivered)

    def _keep_on(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self._tasks and not self._link.closed:
            self._tasks[name] = asyncio.create_task(self._run(name, work))

    async def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            del self._tasks[name]

    def _end(self, log: Log) -> None:
        followed = self._open.pop(log.request, None)
        if followed is not None:
            followed.replies.forget(log)
        self._remember(log)

    def _remember(self, log: Log) -> None:
        self._ended[log.request] = log
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)

    async def _acknowledge(self) -> None:
        while self._delivered:
            await asyncio.sleep(ACKNOWLEDGE_SECONDS)
            ids, self._delivered = self._delivered, set()
            await self._link.insist("acknowledge", *ids)

    async def _watch(self) -> None:
        while self._open and not self._link.closed:
            await asyncio.sleep(self._seconds)
            ids = list(self._open)[:WATCHED_AT_ONCE]
            try:
                for request, state, *rest in await self._look_at(ids):
                    await self._note(request.decode(), state, rest)
            except MadangError as error:
                _log.warning("The queue cannot be watched: %s", error)

    async def _look_at(self, ids: list[str]) -> list[Any]:
        for request in ids:
            self._open.move_to_end(request)
        found: list[Any] = await self._link.insist("watch", *ids)
        return found

    async def _note(self, request: str, state: bytes, rest: list[Any]) -> None:
        followed = self._open.get(request)
        if followed is None:
            return
        if state == b"waiting":
            _tell_place(followed.log, *rest)
        elif state == b"unknown":
            await self._miss(followed)
        elif state == b"ended":
            # The end is on its way; only if the next look finds it missing still, it was trimmed.
            if followed.silent:
                self._conclude(followed.log, rest[1], rest[2])
                self._end(followed.log)
            followed.silent = True

    async def _miss(self, followed: Followed) -> None:
        """Submit once more what the server has lost with its data."""
        log = followed.log
        if followed.request is not None and not followed.again:
            followed.again = True
            _log.warning("Request '%s' is not known any more: submitted again.", log.request)
            if await self._submit(followed.request, log.attempt + UNHEARD):
                return
        log.tell(end_for(log, "unknown"))
        self._end(log)

    def _conclude(self, log: Log, end: bytes, why: bytes) -> None:
        whole = end_of(log, read_end(end) if end else None, why.decode())
        tell(log, Piece(request=log.request, offset=0, text=whole.text, attempt=whole.attempt))
        tell(log, whole)


def _tell_place(log: Log, attempt: int, position: int, eta: bytes) -> None:
    told = log.progress
    if log.attempt > attempt or (told is not None and told.position == position):
        return
    log.tell(
        Progress(
            request=log.request,
            phase="queued",
            position=position,
            eta=float(eta) if eta else None,
            attempt=max(1, log.attempt),
        )
    )
