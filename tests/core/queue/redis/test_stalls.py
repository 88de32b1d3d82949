"""Worker processes that are killed or stopped for a while, at every step of a delivery."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from tests.core.queue.redis.conftest import LEASE, Join, entries

from madang.contract import Job
from madang.queue.redis import RedisQueue
from madang.testing import a_request, ended, events_of, piece, text_of

STEPS = ("idle", "taken", "published", "finished")
WORKER = """
import asyncio, sys
from madang.queue.redis import RedisQueue, Terms
from madang.testing import ended, piece

async def told(*what):
    print(*what, flush=True)
    await asyncio.to_thread(sys.stdin.readline)

async def main():
    url, namespace, lease, name = sys.argv[1:]
    queue = RedisQueue(url, terms=Terms(namespace=namespace, lease=float(lease)))
    await queue.take(name, [name], 0)
    await told("idle")
    (job,) = await queue.take(name, [name], 1)
    await told("taken")
    await queue.publish([piece(job, 0, "옛")])
    await told("published")
    await queue.renew(name, [job.request.id])
    await told("renewed")
    await queue.publish([piece(job, 1, "말")])
    await told("finished", await queue.finish(ended(job, "옛말")))
    await told("lost", *(await queue.renew(name, [job.request.id])).lost)
    await queue.close()

asyncio.run(main())
"""


@asynccontextmanager
async def stepping(url: str, namespace: str, name: str) -> AsyncIterator[Process]:
    """Run a worker that waits for a line after every step; it is killed at the end."""
    command = [sys.executable, "-c", WORKER, url, namespace, f"{LEASE}", name]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def step(worker: Process) -> str:
    """Let it go on to its next step, and return what it says there."""
    assert worker.stdin is not None
    worker.stdin.write(b"\n")
    return await said(worker)


async def said(worker: Process) -> str:
    assert worker.stdout is not None
    return (await worker.stdout.readline()).decode().strip()


async def go_to(worker: Process, last: str) -> None:
    """Let it go on to the step at which it is interrupted."""
    what = await said(worker)
    while what.split()[0] != last:
        what = await step(worker)


async def take_over(queue: RedisQueue, model: str) -> Job:
    """Take the one request of a model as another worker."""
    (job,) = await queue.take(f"other-{model}", [model], 1)
    return job


async def ends(client: Redis, prefix: str) -> int:
    """Count the ends that the bot was sent."""
    return sum(b"end" in fields for _, fields in await entries(client, f"{prefix}r:bot"))


async def test_a_worker_that_is_killed_at_any_step_loses_no_request(
    join: Join, url: str, namespace: str, client: Redis, prefix: str
) -> None:
    bot, other = join("bot"), join()

    async def kill_at(last: str) -> None:
        request = a_request(model=last)
        await bot.submit(request)
        async with stepping(url, namespace, last) as killed:
            await go_to(killed, last)
            killed.kill()
        text = "옛말"
        if last != "finished":
            job, text = await take_over(other, last), "새말"
            assert job.attempt == (1 if last == "idle" else 2)
            assert await other.finish(ended(job, text))
        events = await events_of(bot, request.id)
        assert events[-1] == ended(Job(request=request, attempt=events[-1].attempt), text)

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for last in STEPS:
            group.create_task(kill_at(last))
    assert await ends(client, prefix) == len(STEPS)


async def test_a_worker_that_wakes_after_its_lease_can_neither_tell_nor_end_anything(
    join: Join, url: str, namespace: str, client: Redis, prefix: str
) -> None:
    bot, other, request = join("bot"), join(), a_request(model="slow")
    await bot.submit(request)
    reading = asyncio.create_task(events_of(bot, request.id))
    async with stepping(url, namespace, "slow") as stalled, asyncio.timeout(20):
        await go_to(stalled, "renewed")
        stalled.send_signal(signal.SIGSTOP)
        job = await take_over(other, "slow")
        await other.publish([piece(job, 0, "새")])
        stalled.send_signal(signal.SIGCONT)
        assert await step(stalled) == "finished False"
        assert await step(stalled) == f"lost {request.id}"
    await other.publish([piece(job, 1, "로")])
    assert await other.finish(ended(job, "새로"))
    events = await reading
    assert events[-1] == ended(job, "새로")
    assert text_of([each for each in events if each.attempt == job.attempt]) == "새로"
    assert await ends(client, prefix) == 1
