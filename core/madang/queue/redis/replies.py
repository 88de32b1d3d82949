"""What workers answer: one stream of replies a bot, spread over the logs of its requests."""

import asyncio
import logging
from collections.abc import Callable, Iterator

from madang.contract import End, Event
from madang.errors import MadangError
from madang.queue.log import Log
from madang.queue.redis.codec import read_end, read_events
from madang.queue.redis.link import LONGEST_PAUSE, Link
from madang.queue.redis.reads import Entry
from madang.queue.redis.words import end_for

_log = logging.getLogger(__name__)


class Replies:
    """Read one bot's stream while any of its requests is open, from the oldest that is needed.

    Entries that nobody here asked for are passed over: another process may share the stream.
    `ended` hears of each log that got its end.
    """

    def __init__(self, link: Link, bot: str, ended: Callable[[Log], None]) -> None:
        self._link = link
        self._stream = f"r:{bot}"
        self._ended = ended
        self._logs: dict[str, Log] = {}
        self._position = ""
        self._reading: asyncio.Task[None] | None = None

    @property
    def heard(self) -> str:
        """Name the last entry that was read; empty while nobody reads."""
        return self._position if self._reading is not None else ""

    def expect(self, log: Log) -> bool:
        """Follow a log if the stream is being read now; False when it has to be `follow`ed."""
        if self._reading is None or log.request in self._logs:
            return False
        self._logs[log.request] = log
        return True

    def forget(self, log: Log) -> None:
        """Follow a log no more."""
        if self._logs.get(log.request) is log:
            del self._logs[log.request]

    async def follow(self, log: Log, since: str) -> None:
        """Tell a log everything that came after an entry, and go on."""
        while self._reading is not None and _order(since) < _order(self._position):
            until = self._position
            for _, fields in await self._link.entries(self._stream, since, until):
                self._pass_on({log.request: log}, fields)
            since = until
        if log.end is not None:
            self._ended(log)
            return
        self._logs[log.request] = log
        if self._reading is None and not self._link.closed:
            self._position = since
            self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _read(self) -> None:
        try:
            while self._logs and not self._link.closed:
                await self._read_on()
        finally:
            self._reading = None

    async def _read_on(self) -> None:
        try:
            for entry in await self._link.read({self._stream: self._position}):
                self._take_in(entry)
        except MadangError as error:
            _log.error("Replies cannot be read: %s", error)
            await asyncio.sleep(LONGEST_PAUSE)

    def _take_in(self, entry: Entry) -> None:
        self._position, fields = entry
        self._pass_on(self._logs, fields)

    def _pass_on(self, logs: dict[str, Log], fields: dict[bytes, bytes]) -> None:
        for event in self._events(logs, fields):
            log = logs.get(event.request)
            if log is not None and tell(log, event) and logs is self._logs:
                del logs[event.request]
                self._ended(log)

    def _events(self, logs: dict[str, Log], fields: dict[bytes, bytes]) -> Iterator[Event]:
        if b"events" in fields:
            yield from read_events(fields[b"events"]) or self._strange()
        elif b"end" in fields:
            end = read_end(fields[b"end"])
            yield from [end] if end else self._strange()
        elif (log := logs.get(fields.get(b"id", b"").decode(errors="replace"))) is not None:
            yield end_for(log, fields.get(b"why", b"").decode(errors="replace"))

    def _strange(self) -> tuple[Event, ...]:
        _log.warning("An entry of stream '%s' cannot be read and is passed over.", self._stream)
        return ()


def tell(log: Log, event: Event) -> bool:
    """Tell a log an event unless its delivery is over; True when that ended it."""
    if log.end is not None or event.attempt < log.attempt:
        return False
    if event.attempt > log.attempt:
        log.begin(event.attempt)
    log.tell(event)
    return isinstance(event, End)


def _order(position: str) -> tuple[int, int]:
    time, _, number = position.partition("-")
    return int(time), int(number or 0)
