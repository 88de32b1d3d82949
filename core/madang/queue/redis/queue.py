"""The queue between processes: bots and workers that share nothing but a Redis or a Valkey."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from typing import NamedTuple

from madang.contract import (
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
from madang.queue.entry import lost
from madang.queue.log import Log
from madang.queue.redis.address import Address
from madang.queue.redis.codec import write_events, write_request
from madang.queue.redis.following import Following
from madang.queue.redis.health import check
from madang.queue.redis.leases import Leases
from madang.queue.redis.link import Link
from madang.queue.redis.pipe import Word
from madang.queue.redis.taking import Taking
from madang.queue.redis.terms import Terms

WATCH_SECONDS = 0.5
LOADING_SECONDS = 1.0

_log = logging.getLogger(__name__)


class _Answer(NamedTuple):
    """Hold the answer to a submission, where its replies begin, and whether it is an old one."""

    submitted: Submitted
    replies: str
    again: bool


class RedisQueue:
    """Join bots and workers of any number of processes; every operation is one Lua script.

    `bot` names the stream of replies: a bot that starts again under its name finds them there.
    What is queued survives every process but the server's; what the server loses, bots submit
    again. Workers that fall silent for a lease lose their requests to others, and late ends and
    pieces of theirs count for nothing.
    """

    def __init__(
        self,
        url: str,
        *,
        terms: Terms | None = None,
        bot: str = "",
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self.terms = terms or Terms()
        self._bot = bot or uuid.uuid4().hex
        self._link = Link(Address(url), self.terms)
        boot = uuid.uuid4().hex
        self._leases = Leases(self._link, boot)
        self._taking = Taking(self._link, self._leases, boot)
        self._following = Following(self._link, self._bot, self._submit_again, watch_seconds)

    async def check(self) -> None:
        """Refuse a server that is too old or not there, and warn about one that forgets.

        One that still reads what it had before its restart is waited for.
        """
        where = self._link.address.shown
        told = await self._link.information()
        while told.get("loading"):
            _log.warning("The queue's server at %s is still loading what it had.", where)
            await asyncio.sleep(LOADING_SECONDS)
            told = await self._link.information()
        check(told, where)

    # --- the bot's side ----------------------------------------------------------------------

    async def submit(self, request: Request) -> Submitted:
        """Admit a request; `QueueUnreachable` at once when the server is away."""
        self._check_open()
        body = write_request(request, self.terms.body_bytes)
        replies, log = self._following.replies(), Log(request.id)
        live = replies.expect(log)
        try:
            answer = await self._submit(request, body, 0)
        except BaseException:
            replies.forget(log)
            raise
        if answer.submitted.admission != "ok" or self._follows(request.id, answer.again):
            replies.forget(log)
        elif live and not answer.again:
            await self._following.add(log, replies, request=request)
        else:
            replies.forget(log)
            await self._following.add(log, replies, since=answer.replies, request=request)
        return answer.submitted

    async def events(self, request: str) -> AsyncIterator[Event]:
        """Stream the events of a request from its beginning, whoever submitted it."""
        log = self._following.log(request) or await self._following.attach(request)
        if log is None:
            yield lost(Log(request), f"The queue does not know request '{request}'.")
            return
        if self._link.closed and log.end is None:
            await self._following.settle(log)
            log.close()
        async for event in log.read():
            yield event
        self._following.deliver(request)

    async def cancel(self, request: str) -> None:
        """End a waiting request at once, and have the worker end a running one."""
        await self._link.run("cancel", request)

    # --- the worker's side -------------------------------------------------------------------

    async def take(self, worker: str, models: Collection[str], slots: int) -> Sequence[Job]:
        """Wait for work and return at most `slots` jobs; `QueueClosed` when closed."""
        while True:
            self._check_open()
            jobs = await self._taking.take(worker, models, slots)
            if jobs or slots < 1:
                return jobs

    async def publish(self, events: Sequence[Piece | Progress]) -> None:
        """Send one flush, one entry a bot; nothing of deliveries that are over here."""
        flushes: dict[str, list[Event]] = {}
        for event in events:
            if (delivery := self._leases.current(event.request, event.attempt)) is not None:
                flushes.setdefault(delivery.bot, []).append(event)
        if flushes:
            sent = [part for bot, each in flushes.items() for part in (bot, write_events(each))]
            await self._link.insist("publish", len(flushes), *sent, *self._loads(events))

    async def renew(self, worker: str, requests: Collection[str]) -> Renewal:
        """Renew for a quarter of a lease; all is lost to one that could not for most of one."""
        self._check_open()
        return await self._leases.renew(worker, requests)

    async def finish(self, end: End) -> bool:
        """Close a request; False when its delivery is no longer the current one."""
        learns = int(end.reason in ("stop", "length"))
        done = await self._link.insist(
            "finish", end.request, end.attempt, write_events(end), learns
        )
        self._leases.drop(end.request, end.attempt)
        return bool(done)

    async def release(self, request: str, attempt: int) -> None:
        """Put a request back where it waited; one that was cancelled ends instead."""
        await self._link.insist("release", request, attempt, 0)
        self._leases.drop(request, attempt)

    async def close(self) -> None:
        """Refuse new submissions and end every wait; what runs may still finish."""
        if self._link.closed:
            return
        await self._link.stop()
        await self._following.close()
        await self._taking.close()
        await self._link.close()

    # --- inside ------------------------------------------------------------------------------

    async def _submit(self, request: Request, body: bytes, attempt: int) -> _Answer:
        terms = self.terms
        admission, position, eta, replies, again = await self._link.run(
            "submit",
            request.id,
            request.nonce,
            request.conversation,
            request.user,
            request.model,
            request.request_class,
            self._bot,
            round((request.deadline - time.time()) * 1000),
            body,
            terms.max_waiting,
            terms.max_waiting_per_user,
            # Workers may not have offered themselves again yet when the server lost its data.
            int(terms.needs_worker and not attempt),
            attempt,
            self._following.replies().heard,
        )
        wait = float(eta) if eta else None
        submitted = Submitted(admission=admission.decode(), position=position, eta=wait)
        return _Answer(submitted, replies.decode(), bool(again))

    async def _submit_again(self, request: Request, attempt: int) -> bool:
        body = write_request(request, self.terms.body_bytes)
        return (await self._submit(request, body, attempt)).submitted.admission == "ok"

    def _follows(self, request: str, again: bool) -> bool:
        """Say whether a request that was admitted, perhaps before, is followed already."""
        log = self._following.log(request)
        return log is not None and (again or log.end is None)

    def _loads(self, events: Sequence[Piece | Progress]) -> list[Word]:
        """Say which models begin or end to load: deadlines stand meanwhile."""
        marks: list[Word] = []
        for event in events:
            delivery = self._leases.current(event.request, event.attempt)
            model = delivery.model if delivery else ""
            loading = isinstance(event, Progress) and event.phase == "loading" and event.done != 1
            if model and self._leases.loads(model, loading=loading):
                marks += [model, event.request if loading else ""]
        return marks

    def _check_open(self) -> None:
        if self._link.closed:
            raise QueueClosed("The queue is closed.", "Ask again after the restart.")
