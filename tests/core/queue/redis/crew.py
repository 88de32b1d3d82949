"""Queues and workers beside the test, and a count of what bots were told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from tests.core.queue.redis.conftest import entries

from madang.contract import Backend
from madang.queue.redis import RedisQueue, Terms
from madang.queue.redis.codec import read_end
from madang.worker import Pool, Worker


@asynccontextmanager
async def joined(
    url: str, terms: Terms, bot: str = "", watch_seconds: float = 0.1
) -> AsyncIterator[RedisQueue]:
    """Join a deployment until the end of the block."""
    queue = RedisQueue(url, terms=terms, bot=bot, watch_seconds=watch_seconds)
    try:
        yield queue
    finally:
        await queue.close()


@asynccontextmanager
async def at_work(queue: RedisQueue, name: str, backend: Backend) -> AsyncIterator[None]:
    """Have a worker answer with a backend until the end of the block."""
    pool = Pool({"echo": backend})
    worker = Worker(queue, pool, name=name, flush=0.01)
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.drain(0)
        await running
        await pool.close()


async def ends_of(url: str, terms: Terms, bots: Collection[str]) -> Counter[str]:
    """Count how often bots were told the end of each request."""
    async with Redis.from_url(url) as client:
        told = [await entries(client, f"{terms.prefix}r:{bot}") for bot in bots]
    found = [read_end(fields[b"end"]) for each in told for _, fields in each if b"end" in fields]
    return Counter(end.request for end in found if end)
