"""The queue within one process: bots and workers are tasks of one event loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from madang.contract import (
    Admission,
    End,
    Event,
    Job,
    Piece,
    Progress,
    Renewal,
    Request,
    Submitted,
)
from madang.errors import QueueClosed
from madang.queue.bell import Bell
from madang.queue.entries import Entries
from madang.queue.entry import Entry, lost
from madang.queue.log import Log
from madang.queue.pace import Pace
from madang.queue.places import Places
from madang.queue.share import Share
from madang.queue.waiting import Waiting

RENEW_SECONDS = 2.5


class LocalQueue:
    """Join bots and workers of one event loop; what is in it goes with the process.

    At most `max_waiting` requests wait, of one person `max_waiting_per_user`; what runs does not
    count. With `models`, a request for any other gets `no_worker` at once. A worker here cannot
    vanish without its loop, so nothing expires but a deadline.
    """

    def __init__(
        self,
        *,
        models: Collection[str] | None = None,
        max_waiting: int = 256,
        max_waiting_per_user: int = 8,
        clock: Callable[[], float] = time.time,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self.models = models
        self.max_waiting = max_waiting
        self.max_waiting_per_user = max_waiting_per_user
        self._clock = clock
        self._renew_seconds = renew_seconds
        self._closed = False
        self._waiting = Waiting()
        self._pace = Pace()
        self._entries = Entries()
        self._places = Places(self._waiting, self._entries, self._pace)
        self._share = Share(clock)
        self._work = Bell()
        self._abandon = Bell()
        self._loading: dict[str, float] = {}

    # --- the bot's side ----------------------------------------------------------------------

    async def submit(self, request: Request) -> Submitted:
        """Admit a request; a refused one may be submitted again, `QueueClosed` when closed.

        An id that was used before with another nonce is a new request once the old one ended.
        """
        self._check_open()
        known = self._entries.get(request.id)
        if known is not None and known.request.nonce == request.nonce:
            return known.answer
        if (refusal := self._refusal(request)) is not None:
            place = len(self._waiting) + 1
            return Submitted(admission=refusal, position=place, eta=self._eta(request, place))
        return self._admit(request)

    async def events(self, request: str) -> AsyncIterator[Event]:
        """Stream the events of a request from its beginning; `QueueClosed` when closed."""
        entry = self._entries.get(request)
        if entry is None:
            yield lost(Log(request), f"The queue does not know request '{request}'.")
            return
        async for event in entry.log.read():
            yield event

    async def cancel(self, request: str) -> None:
        """End a waiting request at once, and have the worker end a running one."""
        entry = self._entries.active(request)
        if entry is None:
            return
        entry.cancelled = True
        if entry.worker is None:
            self._end_waiting(entry, entry.cancelled_end())
        else:
            self._abandon.ring()

    # --- the worker's side -------------------------------------------------------------------

    async def take(self, worker: str, models: Collection[str], slots: int) -> Sequence[Job]:
        """Wait for work and return at most `slots` jobs; `QueueClosed` when closed."""
        for model in models:
            self._pace.offered(model, slots)
        while True:
            self._check_open()
            jobs = self._pick(worker, models, slots)
            if jobs or slots < 1:
                return jobs
            # Bulk work that is held back may go on when nobody has chatted for a while.
            await self._work.wait(self._share.opens_in(models))

    async def publish(self, events: Sequence[Piece | Progress]) -> None:
        """Pass events on to the readers, except those of a delivery that is over."""
        for event in events:
            entry = self._entries.running(event.request, event.attempt)
            if entry is not None:
                entry.log.tell(event)
                self._note_loading(entry, event)

    async def renew(self, worker: str, requests: Collection[str]) -> Renewal:
        """Wait until one of the worker's requests is to be abandoned, for 2.5 s at most."""
        strange = frozenset(r for r in requests if not self._runs(r, worker))
        if not strange and not self._entries.cancelled_at(worker):
            self._check_open()
            await self._abandon.wait(self._renew_seconds)
        abandoned = self._entries.cancelled_at(worker)
        for entry in abandoned:
            entry.told = True
        return Renewal(cancelled=frozenset(entry.request.id for entry in abandoned), lost=strange)

    async def finish(self, end: End) -> bool:
        """Close a request; False when its delivery is no longer the current one."""
        entry = self._entries.running(end.request, end.attempt)
        if entry is None:
            known = self._entries.get(end.request)
            return known is not None and known.log.end == end
        if end.reason in ("stop", "length"):
            self._pace.served(entry.request.model, self._clock() - entry.taken)
        self._end(entry, end)
        return True

    async def release(self, request: str, attempt: int) -> None:
        """Put a request back where it waited; one that was cancelled ends instead."""
        entry = self._entries.running(request, attempt)
        if entry is None:
            return
        entry.worker = None
        self._stopped_running(entry)
        self._waiting.restore(entry.request, entry.ticket)
        if entry.cancelled:
            self._end_waiting(entry, entry.cancelled_end())
        else:
            self._wait(entry)

    async def close(self) -> None:
        """Refuse new submissions and end every wait; what runs may still finish."""
        self._closed = True
        for entry in self._entries:
            entry.stop_clock()
            entry.log.close()
        self._work.ring()
        self._abandon.ring()

    # --- admission ---------------------------------------------------------------------------

    def _refusal(self, request: Request) -> Admission | None:
        if self._entries.busy(request):
            return "conversation_busy"
        if self.models is not None and request.model not in self.models:
            return "no_worker"
        if self._waiting.of_user(request.user) >= self.max_waiting_per_user:
            return "user_busy"
        if len(self._waiting) >= self.max_waiting:
            return "busy"
        return None

    def _admit(self, request: Request) -> Submitted:
        self._share.note(request)
        ticket = self._waiting.push(request)
        position = dict(self._waiting.places(request.model))[request.id]
        answer = Submitted(admission="ok", position=position, eta=self._eta(request, position))
        entry = Entry(
            request=request,
            answer=answer,
            ticket=ticket,
            log=Log(request.id),
            submitted=self._clock(),
            deadline=request.deadline,
        )
        self._entries.add(entry)
        self._wait(entry)
        return answer

    def _eta(self, request: Request, position: int) -> float | None:
        return self._pace.eta(request.model, position)

    # --- the life of an entry ----------------------------------------------------------------

    def _wait(self, entry: Entry) -> None:
        if self._closed:
            return
        self._start_clock(entry)
        self._places.moved(entry.request.model)
        self._work.ring()

    def _start_clock(self, entry: Entry) -> None:
        entry.stop_clock()
        seconds = max(0.0, entry.deadline - self._clock())
        loop = asyncio.get_running_loop()
        entry.expiry = loop.call_later(seconds, self._expire, entry)

    def _expire(self, entry: Entry) -> None:
        if self._overdue(entry):
            self._end_waiting(entry, entry.overdue_end())
        elif entry.request.model not in self._loading:
            self._start_clock(entry)

    def _overdue(self, entry: Entry) -> bool:
        return entry.request.model not in self._loading and self._clock() >= entry.deadline

    def _pick(self, worker: str, models: Collection[str], slots: int) -> Sequence[Job]:
        jobs: list[Job] = []
        running = self._entries.running_at(worker, models)
        bulk = sum(map(_is_bulk, running))
        total = len(running) + slots
        while len(jobs) < slots:
            entry = self._next(models, bulk=self._share.has_room(models, bulk, total))
            if entry is None:
                break
            entry.stop_clock()
            self._places.moved(entry.request.model)
            if self._overdue(entry):
                self._end(entry, entry.overdue_end())
                continue
            self._pace.took(entry.request.model)
            bulk += _is_bulk(entry)
            jobs.append(entry.hand_to(worker, self._clock()))
        return jobs

    def _next(self, models: Collection[str], *, bulk: bool) -> Entry | None:
        request = self._waiting.pop(models, bulk=bulk)
        return None if request is None else self._entries.active(request)

    def _end_waiting(self, entry: Entry, end: End) -> None:
        self._waiting.remove(entry.request)
        self._places.moved(entry.request.model)
        self._end(entry, end)

    def _end(self, entry: Entry, end: End) -> None:
        entry.stop_clock()
        if entry.worker is not None:
            self._stopped_running(entry)
        entry.log.tell(end)
        self._entries.end(entry)

    def _stopped_running(self, entry: Entry) -> None:
        model = entry.request.model
        self._pace.left(model)
        if _is_bulk(entry):
            self._work.ring()
        if not self._entries.loading(model, besides=entry):
            self._loaded(model)

    def _note_loading(self, entry: Entry, event: Piece | Progress) -> None:
        model = entry.request.model
        loading = isinstance(event, Progress) and event.phase == "loading" and event.done != 1
        if loading:
            self._loading.setdefault(model, self._clock())
        else:
            self._loaded(model)

    def _loaded(self, model: str) -> None:
        """Give those who wait for a model the time back that it took to load."""
        since = self._loading.pop(model, None)
        if since is not None and not self._closed:
            for entry, _ in self._places.of(model):
                entry.stood_still(since, self._clock())
                self._start_clock(entry)

    # --- looking up --------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise QueueClosed("The queue is closed.", "Ask again after the restart.")

    def _runs(self, request: str, worker: str) -> bool:
        entry = self._entries.active(request)
        return entry is not None and entry.worker == worker


def _is_bulk(entry: Entry) -> bool:
    return entry.request.request_class == "bulk"
