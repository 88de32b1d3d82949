"""A worker: all its models, taking and answering at once."""

import asyncio
from collections.abc import Mapping

from madang.contract import Backend, Queue
from madang.errors import QueueClosed
from madang.worker.lane import Lane
from madang.worker.outbox import Outbox

FLUSH_SECONDS = 0.05
DRAIN_SECONDS = 30.0


class Worker:
    """Answer the requests of a queue with one backend a model; each model has its own slots.

    A model is loaded when it is first asked for; whoever made the backends closes them. A model
    that fails, while loading or generating, ends the requests it concerns and nothing else.
    """

    def __init__(
        self,
        queue: Queue,
        backends: Mapping[str, Backend],
        *,
        name: str = "local",
        flush: float = FLUSH_SECONDS,
    ) -> None:
        self.name = name
        self._queue = queue
        self._outbox = Outbox(queue, flush)
        self._lanes = [
            Lane(name, model, backend, queue, self._outbox) for model, backend in backends.items()
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
            for lane in self._lanes:
                await lane.close()
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
