"""Workers that vanish, stall and come back: every request ends once, with the right text."""

import asyncio
import time

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import LEASE, Join, entries

from madang.contract import Job
from madang.errors import QueueError
from madang.queue.redis import RedisQueue
from madang.testing import a_request, end_of, ended, events_of, piece, spin, take_one, text_of


async def take_as(queue: RedisQueue, worker: str, slots: int = 1) -> list[Job]:
    return list(await queue.take(worker, ["echo"], slots))


async def keep_renewing(queue: RedisQueue, worker: str, request: str) -> None:
    while True:
        await queue.renew(worker, [request])


async def lose(queue: RedisQueue, request: str) -> None:
    """Take a request as a worker that is never heard of again."""
    (job,) = await take_as(queue, f"lost-{time.monotonic_ns()}")
    assert job.request.id == request


async def test_a_request_of_a_silent_worker_is_taken_by_another_within_the_lease(
    join: Join,
) -> None:
    bot, silent, other = join("bot"), join(), join()
    request = a_request()
    await bot.submit(request)
    begun = time.monotonic()
    (job,) = await take_as(silent, "silent")
    await silent.publish([piece(job, 0, "안")])
    (again,) = await take_as(other, "other")
    assert LEASE - 0.1 < time.monotonic() - begun < LEASE + 1
    assert (again.request, again.attempt) == (request, 2)
    assert not await silent.finish(ended(job, "안녕"))
    await silent.publish([piece(job, 1, "녕")])
    await other.publish([piece(again, 0, "하세")])
    assert await other.finish(ended(again, "하세요"))
    events = await events_of(bot, request.id)
    assert events[-1] == ended(again, "하세요")
    assert text_of(events) == "하세"


async def test_the_bot_alone_frees_what_a_dead_worker_held(join: Join) -> None:
    bot, silent, late = join("bot"), join(), join()
    request = a_request()
    await bot.submit(request)
    await take_as(silent, "silent")
    await asyncio.sleep(LEASE + 0.3)
    begun = time.monotonic()
    assert (await take_as(late, "late"))[0].attempt == 2
    assert time.monotonic() - begun < 0.2


async def test_a_lease_lasts_as_long_as_it_is_renewed(join: Join) -> None:
    bot, worker, other = join("bot"), join(), join()
    request = a_request()
    await bot.submit(request)
    (job,) = await take_as(worker, "worker")
    renewing = asyncio.create_task(keep_renewing(worker, "worker", request.id))
    taking = asyncio.create_task(take_as(other, "other"))
    await asyncio.sleep(2.5 * LEASE)
    assert not taking.done()
    assert await worker.finish(ended(job))
    renewing.cancel()
    taking.cancel()


async def test_a_renewal_tells_that_others_have_the_request(join: Join) -> None:
    bot, silent, other = join("bot"), join(), join()
    request = a_request()
    await bot.submit(request)
    await take_as(silent, "silent")
    await take_as(other, "other")
    assert (await silent.renew("silent", [request.id])).lost == {request.id}


async def test_a_worker_that_starts_again_frees_what_it_held(join: Join) -> None:
    bot, before, after = join("bot", lease=60), join(lease=60), join(lease=60)
    request = a_request()
    await bot.submit(request)
    (job,) = await take_as(before, "worker")
    begun = time.monotonic()
    (again,) = await take_as(after, "worker")
    assert again.attempt == job.attempt + 1
    assert time.monotonic() - begun < 1
    with pytest.raises(QueueError, match="Another worker with the name 'worker'"):
        await take_as(before, "worker")
    assert (await before.renew("worker", [request.id])).lost == {request.id}


async def test_a_request_that_every_worker_loses_is_given_up(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot", lease=0.2), join(lease=0.2)
    request = a_request()
    await bot.submit(request)
    for _ in range(3):
        await lose(worker, request.id)
    end = await end_of(bot, request.id)
    assert end.problem is not None
    assert (end.problem.code, end.reason) == ("worker_lost", "error")
    ((_, letter),) = await entries(client, f"{prefix}dead")
    told = [letter[name] for name in (b"id", b"why", b"failures")]
    assert told == [request.id.encode(), b"dead", b"3"]
    assert (await bot.submit(a_request(conversation=request.conversation))).admission == "ok"


async def test_the_last_attempt_runs_alone(join: Join) -> None:
    bot, worker, steady = join("bot", lease=0.3), join(lease=0.3), join(lease=0.3)
    poison = a_request()
    await bot.submit(poison)
    for _ in range(2):
        await lose(worker, poison.id)
    innocent = a_request()
    await bot.submit(innocent)
    await asyncio.sleep(0.5)
    (job,) = await take_as(steady, "steady", slots=8)
    assert job.request == poison
    renewing = asyncio.create_task(keep_renewing(steady, "steady", poison.id))
    taking = asyncio.create_task(take_as(steady, "steady", slots=7))
    await asyncio.sleep(0.3)
    assert not taking.done()
    await steady.finish(ended(job))
    assert [each.request for each in await taking] == [innocent]
    renewing.cancel()


async def test_a_busy_worker_empties_itself_for_the_last_attempt(join: Join) -> None:
    bot, worker, steady = join("bot", lease=0.3), join(lease=0.3), join(lease=0.3)
    first = a_request()
    await bot.submit(first)
    (running,) = await take_as(steady, "steady")
    renewing = asyncio.create_task(keep_renewing(steady, "steady", first.id))
    poison = a_request()
    await bot.submit(poison)
    for _ in range(2):
        await lose(worker, poison.id)
    await asyncio.sleep(0.5)
    await bot.submit(a_request())
    taking = asyncio.create_task(take_as(steady, "steady", slots=3))
    await asyncio.sleep(0.3)
    assert not taking.done()
    await steady.finish(ended(running))
    assert [job.request for job in await taking] == [poison]
    renewing.cancel()


async def test_draining_counts_as_no_failure(join: Join) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    for attempt in range(1, 7):
        job = await take_one(worker)
        assert job.attempt == attempt
        await worker.release(request.id, attempt)
    assert (await take_one(worker)).attempt == 7


async def test_what_a_lost_answer_brought_goes_back(join: Join, client: Redis) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    (job,) = await take_as(worker, "worker")
    worker._leases.drop(request.id, job.attempt)
    await asyncio.sleep(LEASE * 0.6)
    await worker.renew("worker", [])
    again = await asyncio.wait_for(take_as(worker, "worker"), LEASE / 4)
    assert again[0].attempt == 2


async def test_a_cancelled_take_gives_back_what_it_was_handed(join: Join) -> None:
    bot, worker = join("bot", lease=60), join(lease=60)
    request = a_request()
    await bot.submit(request)
    taking = asyncio.create_task(take_as(worker, "worker"))
    await spin()
    taking.cancel()
    assert (await asyncio.wait_for(take_as(worker, "worker"), 2))[0].request == request


async def test_a_chat_of_a_bot_that_is_gone_for_long_is_given_up(
    join: Join, client: Redis, prefix: str
) -> None:
    gone, here, worker = join("gone"), join("here"), join()
    chat, long_job, other = a_request(), a_request(request_class="bulk"), a_request()
    for bot, request in ((gone, chat), (gone, long_job), (here, other)):
        await bot.submit(request)
    running = [job.request.id for job in await take_as(worker, "worker", 4)]
    assert len(running) == 3
    while not await client.exists(f"{prefix}bot:here"):
        await spin()
    await gone.close()
    await client.delete(f"{prefix}bot:gone")
    assert (await worker.renew("worker", running)).cancelled == frozenset()
    for name in running:
        await client.hset(f"{prefix}req:{name}", "taken", "1")
    assert (await worker.renew("worker", running)).cancelled == {chat.id}
