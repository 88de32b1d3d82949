"""A worker beside its bots, in the same process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from madang.contract import Queue
from madang.worker.lane import Served, unheard
from madang.worker.pool import Pool
from madang.worker.worker import DRAIN_SECONDS, FLUSH_SECONDS, Worker


@asynccontextmanager
async def working(
    queue: Queue,
    pool: Pool,
    *,
    flush: float = FLUSH_SECONDS,
    patience: float = DRAIN_SECONDS,
    served: Served = unheard,
) -> AsyncIterator[Worker]:
    """Serve a queue until the end of the block; what then runs has `patience` seconds to finish.

    The queue and the pool are closed with the worker.
    """
    worker = Worker(queue, pool, flush=flush, served=served)
    running = asyncio.create_task(_work(worker, queue))
    try:
        yield worker
    finally:
        try:
            await worker.drain(patience)
            await running
        finally:
            await pool.close()


async def _work(worker: Worker, queue: Queue) -> None:
    try:
        await worker.run()
    finally:
        # Without a worker nobody would be answered: better to be told than to wait for ever.
        await queue.close()
