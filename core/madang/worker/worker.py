"""A worker: all its models, taking and answering at once."""

import asyncio

from madang.contract import Queue
from madang.errors import QueueClosed
from madang.worker.lane import Lane
from madang.worker.outbox import Outbox
from madang.worker.pool import Pool

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
    ) -> None:
        self.name = name
        self._queue = queue
        self._outbox = Outbox(queue, flush)
        self._lanes = [
            Lane(name, models, backend, pool, queue, self._outbox)
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
