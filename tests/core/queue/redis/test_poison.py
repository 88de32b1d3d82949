"""Requests that kill, cannot be read, are too large or come by the hundred: only they suffer."""

import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import LEASE, Join, entries
from tests.standins import redis_worker
from tests.standins.redis_proxy import Proxy
from tests.standins.redis_worker import POISON

from madang.contract import Request
from madang.errors import RequestTooLarge, SettingsError
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, end_of, ended, events_of, take_one

OTHERS = 7
LETTERS = 40


async def keep_up(command: list[str], done: asyncio.Event) -> int:
    """Start a worker whenever it died, as a supervisor does; return how often it did."""
    deaths = 0
    while True:
        process = await asyncio.create_subprocess_exec(*command)
        gone, finished = asyncio.create_task(process.wait()), asyncio.create_task(done.wait())
        await asyncio.wait({gone, finished}, return_when=asyncio.FIRST_COMPLETED)
        finished.cancel()
        if done.is_set():
            process.kill()
            await gone
            return deaths
        deaths += 1


async def test_poison_in_a_batch_of_eight_harms_nobody_else(
    join: Join, url: str, namespace: str, client: Redis, prefix: str, tmp_path: Path
) -> None:
    bot, log = join("bot"), tmp_path / "begun"
    questions = [POISON, *(f"{n}번째 질문" for n in range(OTHERS))]
    asked = [a_request(each, user=f"user-{n}") for n, each in enumerate(questions)]
    reading = [asyncio.create_task(end_of(bot, each)) for each in asked]
    worker = [sys.executable, redis_worker.__file__, url, namespace, f"{LEASE}", "worker"]
    done = asyncio.Event()
    keeping = asyncio.create_task(keep_up([*worker, "0.01", f"{log}"], done))
    try:
        async with asyncio.timeout(30):
            poisoned, *others = await asyncio.gather(*reading)
    finally:
        done.set()
        deaths = await keeping
    assert deaths == 3
    assert [end.text for end in others] == questions[1:]
    assert {end.reason for end in others} == {"stop"}
    assert poisoned.problem is not None
    assert poisoned.problem.code == "worker_lost"
    ((_, letter),) = await entries(client, f"{prefix}dead")
    told = [letter[name] for name in (b"id", b"why", b"failures")]
    assert told == [asked[0].id.encode(), b"dead", b"3"]
    begun = [line.split("\t") for line in log.read_text("utf-8").splitlines()]
    assert [int(number) for _, number in begun[:8]] == list(range(8))
    beside = [int(number) for question, number in begun if question == POISON]
    assert len(beside) == 3
    assert beside[-1] == 0


async def test_a_flood_of_what_cannot_be_read_is_put_aside_at_once(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot", lease=60, max_waiting_per_user=1000), join(lease=60)
    newer = {**msgspec.to_builtins(a_request()), "not_yet_invented": 1}
    bodies = (msgspec.msgpack.encode(newer), b"\x80\x04cposix\nsystem\n", b"", b"\xff" * 1000)
    broken = [a_request(user="flood") for _ in range(LETTERS)]
    for number, request in enumerate(broken):
        await bot.submit(request)
        await client.hset(f"{prefix}req:{request.id}", "body", bodies[number % len(bodies)])
    good = a_request(user="good")
    await bot.submit(good)
    async with asyncio.timeout(5):
        job = await take_one(worker)
        assert job.request == good
        assert await worker.finish(ended(job))
        assert await end_of(bot, good.id) == ended(job)
        await _drain(worker, client, prefix)
    letters = await entries(client, f"{prefix}dead")
    assert {letter[b"why"] for _, letter in letters} == {b"malformed"}
    assert {letter[b"id"].decode() for _, letter in letters} == {each.id for each in broken}
    ends = [await end_of(bot, each.id) for each in broken]
    assert all(end.problem and "cannot be read" in end.problem.message for end in ends)


async def _drain(worker: RedisQueue, client: Redis, prefix: str) -> None:
    """Take until nothing waits: what cannot be read never comes out."""
    taking = asyncio.create_task(worker.take("worker", ["echo"], 8))
    try:
        while await client.xlen(f"{prefix}dead") < LETTERS:
            await asyncio.sleep(0.01)
            assert not taking.done()
    finally:
        taking.cancel()
        await asyncio.wait({taking})


async def test_events_of_a_newer_version_are_passed_over(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    request = a_request()
    await bot.submit(request)
    reading = asyncio.create_task(events_of(bot, request.id))
    job = await take_one(worker)
    newer = {**msgspec.to_builtins(ended(job, "새 판")), "type": "not-yet-invented"}
    await client.xadd(f"{prefix}r:bot", {"events": msgspec.msgpack.encode([newer])})
    await client.xadd(f"{prefix}r:bot", {"end": msgspec.msgpack.encode(newer)})
    assert await worker.finish(ended(job))
    assert (await reading)[-1] == ended(job)


async def test_one_byte_too_many_is_refused_and_leaves_no_trace(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    limit = bot.terms.body_bytes
    assert limit == 64 * 1024
    fits = _sized(limit)
    with pytest.raises(RequestTooLarge, match=r"65,537 bytes, and 65,536 may be queued") as raised:
        await bot.submit(_sized(limit + 1))
    assert "limits.prompt_bytes" in raised.value.hint
    assert [name async for name in client.scan_iter(f"{prefix}*")] == []
    assert (await bot.submit(fits)).admission == "ok"
    assert (await take_one(worker)).request == fits


def _sized(size: int) -> Request:
    """Make a request that has so many bytes when it is encoded."""
    less = len(msgspec.msgpack.encode(_said(60_000))) - 60_000
    return _said(size - less)


def _said(length: int) -> Request:
    return a_request("가" + "." * (length - 3), id="large", deadline=2e9, conversation="here")


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_a_bot_whose_clock_is_wrong_is_served_all_the_same(
    join: Join, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    bot, worker, right = join("bot"), join(), time.time
    with monkeypatch.context() as wrong:
        wrong.setattr(time, "time", lambda: right() + seconds)
        request, short = a_request(), a_request(deadline=time.time() + 0.1)
        assert (await bot.submit(request)).admission == "ok"
        await bot.submit(short)
    job = await take_one(worker)
    assert job.request == request
    assert await worker.finish(ended(job))
    assert await end_of(bot, request.id) == ended(job)
    late = await end_of(bot, short.id)
    assert late.problem is not None
    assert "deadline" in late.problem.message


async def test_a_server_of_an_old_version_is_refused_by_name(url: str, namespace: str) -> None:
    proxy = Proxy(urlsplit(url).port or 0, replace=(b"redis_version:7", b"redis_version:5"))
    async with proxy.running():
        queue = RedisQueue(proxy.url, terms=Terms(namespace=namespace))
        with pytest.raises(SettingsError, match=r"is Redis 5\.\d") as raised:
            await queue.check()
        await queue.close()
    assert "Install Redis 7.0 or newer" in raised.value.hint
