"""What a request and a flush cost the queue's server and its clients; printed for docs/scaling.md.

Run `python benchmarks/redis_cost.py` in the development environment. Processor time is counted, so
other work on the machine matters little.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from madang.contract import Job, Piece
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, ended
from madang.testing.redis_server import find_server, running

REQUESTS, FLIGHT, FLUSHES, STREAMS = 3000, 64, 500, 16
TERMS = Terms(max_waiting=10**6, max_waiting_per_user=10**6)
TEXT = "가" * 330  # about 1 KB


async def main() -> None:
    """Measure each kind of server that is there."""
    for kind in ("redis", "valkey"):
        binary = find_server(kind)
        if binary is None:
            continue
        with running(binary, Path(tempfile.mkdtemp())) as server:
            await _measure(kind, server.url)


async def _measure(kind: str, url: str) -> None:
    client = Redis.from_url(url)
    bot, worker = RedisQueue(url, terms=TERMS), RedisQueue(url, terms=TERMS)
    serving = asyncio.create_task(_serve(worker))
    await _ask_many(bot, 50)
    before, begun = await _processor(client), time.process_time()
    await _ask_many(bot, REQUESTS)
    ours = (time.process_time() - begun) / REQUESTS
    theirs = (await _processor(client) - before) / REQUESTS
    print(f"{kind}: a request: server {theirs * 1e6:.0f} us, clients {ours * 1e6:.0f} us")
    serving.cancel()
    await _flush(kind, client, bot, worker)
    before_bytes = await _bytes(client)
    for number in range(1000):
        await bot.submit(a_request(TEXT, user=f"w{number}"))
    print(f"{kind}: a waiting request: {(await _bytes(client) - before_bytes) / 1000:.0f} bytes")
    for queue in (bot, worker):
        await queue.close()
    await client.aclose()


async def _flush(kind: str, client: Redis, bot: RedisQueue, worker: RedisQueue) -> None:
    for number in range(STREAMS):
        await bot.submit(a_request(TEXT, user=f"s{number}"))
    jobs: list[Job] = []
    while len(jobs) < STREAMS:
        jobs += await worker.take("streams", ["echo"], STREAMS - len(jobs))
    reading = [asyncio.create_task(_read(bot, job.request.id)) for job in jobs]
    await asyncio.sleep(0)
    before, begun = await _processor(client), time.process_time()
    for number in range(FLUSHES):
        await worker.publish(
            [
                Piece(request=job.request.id, offset=3 * number, text="안녕하", attempt=job.attempt)
                for job in jobs
            ]
        )
    ours = (time.process_time() - begun) / FLUSHES
    theirs = (await _processor(client) - before) / FLUSHES
    print(
        f"{kind}: a flush of {STREAMS}: server {theirs * 1e6:.0f} us, clients {ours * 1e6:.0f} us"
    )
    for job in jobs:
        await worker.finish(ended(job))
    await asyncio.gather(*reading)


async def _serve(worker: RedisQueue) -> None:
    while True:
        jobs = await worker.take("worker", ["echo"], 32)
        await asyncio.gather(*(worker.finish(ended(job)) for job in jobs))


async def _ask_many(bot: RedisQueue, count: int) -> None:
    room = asyncio.Semaphore(FLIGHT)

    async def ask(number: int) -> None:
        async with room:
            request = a_request(TEXT, user=f"u{number % 200}")
            await bot.submit(request)
            await _read(bot, request.id)

    await asyncio.gather(*map(ask, range(count)))


async def _read(bot: RedisQueue, request: str) -> None:
    async for _ in bot.events(request):
        pass


async def _processor(client: Redis) -> float:
    told: dict[str, Any] = await client.info("cpu")
    return float(told["used_cpu_sys"] + told["used_cpu_user"])


async def _bytes(client: Redis) -> int:
    return int((await client.info("memory"))["used_memory"])


if __name__ == "__main__":
    asyncio.run(main())
