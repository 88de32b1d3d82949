"""A worker: all its models, taking and answering at once."""

import asyncio
import socket
import time

from madang import __version__
from madang.contract import Metrics, Queue
from madang.errors import QueueClosed
from madang.worker.lane import Lane, Served, unheard
from madang.worker.outbox import Outbox
from madang.worker.pool import Pool
from madang.worker.report import ModelReport, WorkerReport

FLUSH_SECONDS = 0.05
DRAIN_SECONDS = 30.0


class Worker:
    """Answer the requests of a queue with the models of a pool; each backend has its own slots.

    Whoever made the pool closes it. A model that fails, while loading or generating, ends the
    requests it concerns and nothing else.
    """

    def __init__(
        self,
        queue: Queue,
        pool: Pool,
        *,
        name: str = "local",
        flush: float = FLUSH_SECONDS,
        served: Served = unheard,
    ) -> None:
        self.name = name
        self._queue = queue
        self._pool = pool
        self._started = time.time()
        self._outbox = Outbox(queue, flush)
        self._lanes = [
            Lane(name, models, backend, pool, queue, self._outbox, served)
            for backend, models in pool.backends
        ]
        self._patience = DRAIN_SECONDS
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def run(self) -> None:
        """Work until `drain`, or until the queue is closed, which gives back what runs."""
        self._stopped.clear()
        try:
            async with asyncio.TaskGroup() as group:
                watching = [group.create_task(each) for each in (self._outbox.run(), self._watch())]
                taking = [group.create_task(self._take(lane, group)) for lane in self._lanes]
                await self._stopping.wait()
                _cancel(taking)
                await asyncio.gather(*(lane.settle(self._patience) for lane in self._lanes))
                _cancel(watching)
        finally:
            self._stopped.set()

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Take nothing more, finish what runs for so long, give the rest back and stop."""
        self._leave(seconds)
        await self._stopped.wait()

    def report(self) -> WorkerReport:
        """Say how this worker fares now; callable at any time."""
        loaded = self._pool.loaded
        return WorkerReport(
            worker=self.name,
            host=socket.gethostname(),
            version=__version__,
            started=self._started,
            draining=self._stopping.is_set(),
            models=tuple(
                ModelReport(
                    models=tuple(models),
                    loaded=models[0] in loaded,
                    slots=backend.capabilities.slots,
                    running=len(lane.answers),
                    metrics=self._pool.metrics(models[0]) or Metrics(),
                )
                for lane, (backend, models) in zip(self._lanes, self._pool.backends, strict=True)
            ),
        )

    def _leave(self, seconds: float) -> None:
        self._patience = seconds
        self._stopping.set()

    async def _take(self, lane: Lane, group: asyncio.TaskGroup) -> None:
        try:
            await lane.run(group)
        except QueueClosed:
            self._leave(0)

    async def _watch(self) -> None:
        try:
            while True:
                running = [request for lane in self._lanes for request in lane.running]
                renewal = await self._queue.renew(self.name, running)
                for lane in self._lanes:
                    lane.abandon(renewal)
        except QueueClosed:
            self._leave(0)


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
