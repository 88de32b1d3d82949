"""The requests of one backend at one worker."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

from madang.contract import Backend, Job, Queue, Renewal, Request
from madang.marks import marked
from madang.worker.answer import Answer, Stop
from madang.worker.outbox import Outbox
from madang.worker.pool import Pool

_log = logging.getLogger(__name__)

Served = Callable[[Request, str, float], None]
"""`served(request, reason, seconds)`: hears of every answer that is over here.

`reason` is that of its end, or `lost` or `release` where it has none here.
"""


def unheard(request: Request, reason: str, seconds: float) -> None:
    """Tell nobody."""


class Lane:
    """Take requests for a backend's free slots and answer them side by side.

    `models` are the names under which the backend is asked for.
    """

    def __init__(
        self,
        worker: str,
        models: Sequence[str],
        backend: Backend,
        pool: Pool,
        queue: Queue,
        outbox: Outbox,
        served: Served = unheard,
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self._worker = worker
        self._models = models
        self._backend = backend
        self._pool = pool
        self._queue = queue
        self._outbox = outbox
        self._served = served
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()

    @property
    def running(self) -> list[str]:
        """List the requests that nobody stopped."""
        return [request for request, answer in self.answers.items() if answer.stopped is None]

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Take until cancelled or the queue is closed; answers run on in the group."""
        while True:
            slots = await self._free_slots()
            for job in await self._queue.take(self._worker, self._models, slots):
                task = group.create_task(self._serve(self._answer(job)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def abandon(self, renewal: Renewal) -> None:
        """Stop what was cancelled by people or lost to others."""
        self._stop(renewal.cancelled, "cancelled")
        self._stop(renewal.lost, "lost")

    async def settle(self, seconds: float) -> None:
        """Let what runs finish for so long, then give the rest back."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        self._stop(self.answers, "release")
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _answer(self, job: Job) -> Answer:
        # A delivery whose lease ran out may come back before this worker heard that it lost it.
        self._stop([job.request.id], "lost")
        answer = self.answers[job.request.id] = Answer(job, self._pool, self._outbox)
        return answer

    async def _free_slots(self) -> int:
        while (free := self._backend.capabilities.slots - len(self.answers)) < 1:
            self._freed.clear()
            await self._freed.wait()
        return free

    async def _serve(self, answer: Answer) -> None:
        request = answer.job.request
        begun = time.monotonic()
        with marked(
            request=request.id,
            conversation=request.conversation,
            model=request.model,
            attempt=answer.job.attempt,
        ):
            try:
                reason = await self._ended(answer)
            finally:
                if self.answers.get(request.id) is answer:
                    del self.answers[request.id]
                self._freed.set()
            seconds = time.monotonic() - begun
            _log.debug("answered for %.2f s: %s", seconds, reason)
            self._served(request, reason, seconds)

    async def _ended(self, answer: Answer) -> str:
        """Answer, and say how that ended here."""
        try:
            end = await answer.run()
            if end is not None:
                return end.reason if await self._queue.finish(end) else "lost"
            if answer.stopped == "release":
                await self._give_back(answer.job)
        except asyncio.CancelledError:
            await self._give_back(answer.job)
            raise
        return answer.stopped or "lost"

    async def _give_back(self, job: Job) -> None:
        await self._queue.release(job.request.id, job.attempt)

    def _stop(self, requests: Iterable[str], why: Stop) -> None:
        for request in requests:
            if (answer := self.answers.get(request)) is not None:
                answer.stop(why)
