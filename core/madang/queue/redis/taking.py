"""How a worker gets its jobs, and what becomes of those that nobody waits for any more."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Any

from madang.contract import Job
from madang.errors import MadangError, QueueError
from madang.queue.redis.codec import read_request
from madang.queue.redis.leases import Delivery, Leases
from madang.queue.redis.link import Link

_log = logging.getLogger(__name__)

Bells = dict[str, str]


class Taking:
    """Take for the workers of this process; `boot` tells them from earlier ones of their names."""

    def __init__(self, link: Link, leases: Leases, boot: str) -> None:
        self._link = link
        self._leases = leases
        self._boot = boot
        self._known: set[str] = set()
        self._returning: set[asyncio.Task[None]] = set()

    async def take(self, worker: str, models: Collection[str], slots: int) -> Sequence[Job]:
        """Return at most `slots` jobs; empty after waiting for a while, or when closed."""
        jobs, bells, seconds = await self._ask(worker, sorted(models), slots)
        if bells and slots > 0:
            await self._link.read(bells, seconds)
        return jobs

    async def close(self) -> None:
        """Wait until everything that nobody waits for is given back."""
        if self._returning:
            await asyncio.wait(self._returning)

    async def _ask(
        self, worker: str, models: Sequence[str], slots: int
    ) -> tuple[Sequence[Job], Bells, float]:
        first = int(worker not in self._known)
        asking = asyncio.ensure_future(
            self._link.insist("take", worker, self._boot, first, slots, *models)
        )
        try:
            state, sleep, bells, taken = await asyncio.shield(asking)
        except asyncio.CancelledError:
            # The answer may be on its way: what it brings would wait for the end of its lease.
            task = asyncio.create_task(self._return(worker, asking))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)
            raise
        if state == b"replaced":
            raise QueueError(
                f"Another worker with the name '{worker}' has started.",
                "Give every worker a name of its own.",
            )
        self._known.add(worker)
        found = [await self._job(worker, *each) for each in taken]
        # Where there are jobs, nobody has to wait and there are no bells.
        heard = zip(models, bells, strict=not taken)
        positions = {f"bell:{model}": bell.decode() for model, bell in heard}
        return [job for job in found if job], positions, sleep / 1000

    async def _job(
        self, worker: str, request: bytes, attempt: int, bot: bytes, body: bytes
    ) -> Job | None:
        name = request.decode()
        found = read_request(body, name)
        if found is None:
            _log.error("Request '%s' cannot be read: put to the dead letters.", name)
            await self._link.insist("release", name, attempt, 1)
            return None
        self._leases.hold(name, Delivery(worker, attempt, bot.decode(), found.model))
        return Job(request=found, attempt=attempt)

    async def _return(self, worker: str, asking: asyncio.Future[Any]) -> None:
        try:
            *_, taken = await asking
            for request, attempt, *_ in taken:
                await self._link.insist("release", request, attempt, 0)
        except MadangError as error:
            _log.warning("What worker '%s' took in vain waits for its lease: %s", worker, error)
