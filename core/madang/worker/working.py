"""A worker beside its bots, in the same process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from madang.contract import Backend, Queue
from madang.worker.worker import DRAIN_SECONDS, FLUSH_SECONDS, Worker


@asynccontextmanager
async def working(
    queue: Queue,
    backends: Mapping[str, Backend],
    *,
    flush: float = FLUSH_SECONDS,
    patience: float = DRAIN_SECONDS,
) -> AsyncIterator[None]:
    """Serve a queue until the end of the block; what then runs has `patience` seconds to finish.

    The queue and the backends are closed with the worker.
    """
    worker = Worker(queue, backends, flush=flush)
    running = asyncio.create_task(_work(worker, queue))
    try:
        yield
    finally:
        await worker.drain(patience)
        await running
        for backend in backends.values():
            await backend.close()


async def _work(worker: Worker, queue: Queue) -> None:
    try:
        await worker.run()
    finally:
        # Without a worker nobody would be answered: better to be told than to wait for ever.
        await queue.close()
