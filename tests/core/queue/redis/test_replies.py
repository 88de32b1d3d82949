"""What bots are told: after a restart, from another process, and when the server forgets."""

import asyncio
import time

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import Join

from madang.contract import End, Request
from madang.errors import RequestTooLarge
from madang.queue.redis import RedisQueue
from madang.queue.redis.codec import write_events
from madang.testing import (
    a_request,
    end_of,
    ended,
    events_of,
    loading,
    piece,
    serve_in_turn,
    take_one,
    text_of,
)


async def test_a_bot_that_starts_again_finds_its_answer(join: Join) -> None:
    before, worker = join("bot"), join()
    request = a_request()
    await before.submit(request)
    job = await take_one(worker)
    await worker.publish([piece(job, 0, "안녕")])
    await before.close()
    await worker.publish([piece(job, 2, "하세")])
    after = join("bot")
    reading = asyncio.create_task(events_of(after, request.id))
    await asyncio.sleep(0.1)
    await worker.publish([piece(job, 4, "요")])
    await worker.finish(ended(job, "안녕하세요"))
    events = await reading
    assert text_of(events) == "안녕하세요"
    assert events[-1] == ended(job, "안녕하세요")


async def test_a_bot_that_starts_again_and_submits_again_gets_the_first_answer(join: Join) -> None:
    before, worker = join("bot"), join()
    request = a_request()
    first = await before.submit(request)
    job = await take_one(worker)
    await worker.publish([piece(job, 0, "안녕")])
    await before.close()
    after = join("bot")
    assert await after.submit(request) == first
    reading = asyncio.create_task(events_of(after, request.id))
    await worker.finish(ended(job, "안녕하세요"))
    assert (await reading)[-1] == ended(job, "안녕하세요")


async def test_an_end_is_found_though_the_replies_were_trimmed(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    await serve_in_turn(worker, 1)
    await bot.close()
    await client.delete(f"{prefix}r:bot")
    events = await events_of(join("bot"), request.id)
    assert (text_of(events), events[-1]) == (
        "안녕",
        End(request=request.id, text="안녕", reason="stop"),
    )


async def test_an_end_that_was_trimmed_while_the_bot_was_slow_is_found(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    job = await take_one(worker)
    for name, value in (("state", "ended"), ("end", write_events(ended(job)))):
        await client.hset(f"{prefix}req:{request.id}", name, value)
    assert await end_of(bot, request.id) == ended(job)


async def test_another_process_may_read_along(join: Join) -> None:
    bot, worker, reader = join("bot"), join(), join("reader")
    request = a_request()
    await bot.submit(request)
    reading = asyncio.create_task(events_of(reader, request.id))
    job = await take_one(worker)
    await worker.publish([piece(job, 0, "안"), piece(job, 1, "녕")])
    await worker.finish(ended(job))
    assert text_of(await reading) == text_of(await events_of(bot, request.id)) == "안녕"


async def test_many_requests_at_once_get_each_its_own_text(join: Join) -> None:
    bot, worker = join("bot"), join()
    requests = [a_request(user=f"user-{n}") for n in range(60)]
    reading = [asyncio.create_task(_ask(bot, request)) for request in requests]
    served = 0
    while served < len(requests):
        jobs = await worker.take("worker", ["echo"], 8)
        await worker.publish([piece(job, 0, job.request.id) for job in jobs])
        for job in jobs:
            await worker.finish(ended(job, job.request.id))
        served += len(jobs)
    texts = await asyncio.gather(*reading)
    assert texts == [request.id for request in requests]


async def _ask(bot: RedisQueue, request: Request) -> str:
    return text_of(await events_of(bot, request))


async def test_a_delivered_end_is_kept_for_a_minute_only(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    await serve_in_turn(worker, 1)
    name = f"{prefix}req:{request.id}"
    assert await client.ttl(name) > 3000
    await end_of(bot, request.id)
    await bot.close()
    assert 0 < await client.ttl(name) <= 60


async def test_what_the_server_lost_is_submitted_again_once(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot", needs_worker=True), join()
    request = a_request()
    await worker.take("worker", ["echo"], 0)
    await bot.submit(request)
    job = await take_one(worker)
    await worker.publish([piece(job, 0, "옛것")])
    reading = asyncio.create_task(events_of(bot, request.id))
    await asyncio.sleep(0.1)
    for name in [name async for name in client.scan_iter(f"{prefix}*")]:
        await client.delete(name)
    assert (await worker.renew("worker", [request.id])).lost == {request.id}
    again = await take_one(worker)
    assert (again.request, again.attempt > job.attempt) == (request, True)
    await worker.publish([piece(again, 0, "새")])
    assert await worker.finish(ended(again, "새것"))
    end = (await reading)[-1]
    assert isinstance(end, End)
    assert end.text == "새것"


async def test_a_request_that_is_lost_twice_ends_with_an_apology(
    join: Join, client: Redis, prefix: str
) -> None:
    bot = join("bot")
    request = a_request()
    await bot.submit(request)
    async with asyncio.timeout(5):
        reading = asyncio.create_task(end_of(bot, request.id))
        while not reading.done():
            await client.delete(f"{prefix}req:{request.id}")
            await asyncio.sleep(0.02)
    end = await reading
    assert end.problem is not None
    assert end.problem.code == "worker_lost"


async def test_a_foreign_entry_among_the_replies_is_passed_over(
    join: Join, client: Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    job = await take_one(worker)
    for fields in ({"events": b"\xff\xff"}, {"end": b"nonsense"}, {"strange": "1"}):
        await client.xadd(f"{prefix}r:bot", fields)  # type: ignore[arg-type]
    await worker.finish(ended(job))
    assert await end_of(bot, request.id) == ended(job)
    assert "passed over" in caplog.text


async def test_the_deadline_stands_while_a_model_loads(join: Join) -> None:
    bot, worker = join("bot", lease=60), join(lease=60)
    await bot.submit(a_request())
    job = await take_one(worker)
    await worker.publish([loading(job, 0.1)])
    waiting = a_request(deadline=time.time() + 0.3)
    await bot.submit(waiting)
    await asyncio.sleep(0.6)
    await worker.publish([loading(job, 1.0)])
    assert (await take_one(worker)).request == waiting


async def test_the_load_of_a_worker_that_died_stops_no_clock(join: Join) -> None:
    bot, worker = join("bot", lease=0.1), join(lease=0.1)
    await bot.submit(a_request())
    job = await take_one(worker)
    await worker.publish([loading(job, 0.1)])
    waiting = a_request(deadline=time.time() + 0.3)
    await bot.submit(waiting)
    async with asyncio.timeout(3):
        assert (await end_of(bot, waiting.id)).reason == "error"


async def test_a_request_that_is_too_large_is_refused_with_its_size(join: Join) -> None:
    bot = join("bot")
    with pytest.raises(RequestTooLarge, match="65,536 may be queued"):
        await bot.submit(a_request("가" * 30_000))
