"""A deployment looked at from outside: what is counted, and that looking changes nothing."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import LEASE, Join

from madang.queue.redis import Terms
from madang.queue.redis.address import Address
from madang.queue.redis.link import Link
from madang.queue.redis.survey import Waiting, give_report, survey
from madang.testing import a_request, ended, loading, take_one


@pytest.fixture
async def link(url: str, namespace: str) -> AsyncIterator[Link]:
    """Return the way to the test's deployment."""
    link = Link(Address(url), Terms(namespace=namespace, lease=LEASE))
    yield link
    await link.close()


async def test_an_empty_deployment_has_nothing_to_show(link: Link) -> None:
    found = await survey(link)
    assert (found.workers, found.models, found.dead, found.newest_dead) == ((), (), 0, None)


async def test_waiting_is_counted_by_model_and_class(join: Join, link: Link) -> None:
    bot, worker = join("bot"), join()
    await bot.submit(a_request())
    job = await take_one(worker)
    for user in "abc":
        await bot.submit(a_request(user=user))
    await bot.submit(a_request(request_class="bulk"))
    await bot.submit(a_request(model="other", request_class="background"))
    echo, other = (await survey(link)).models
    assert (echo.model, echo.running, echo.workers) == ("echo", 1, 1)
    assert echo.waiting == Waiting(interactive=3, bulk=1)
    assert (other.model, other.running, other.workers) == ("other", 0, 0)
    assert other.waiting == Waiting(background=1)
    await worker.publish([loading(job, 0.5)])
    assert (await survey(link)).models[0].loading is not None
    await worker.finish(ended(job))
    echo, _ = (await survey(link)).models
    assert (echo.running, echo.loading) == (0, None)


async def test_the_oldest_wait_is_that_of_the_first_submission(
    join: Join, link: Link, client: Redis, prefix: str
) -> None:
    bot = join("bot")
    assert (await survey(link)).models == ()
    requests = [a_request(user=user) for user in ("many", "many", "many", "one")]
    now = (await survey(link)).now
    for ago, request in zip((9, 8, 7, 6), requests, strict=True):
        await bot.submit(request)
        await client.hset(f"{prefix}req:{request.id}", "submitted", str((now - ago) * 1000))
    worker = join()
    assert (await take_one(worker)).request == requests[0]
    # The one of another person is to be taken next, but has not waited for the longest.
    (echo,) = (await survey(link)).models
    assert echo.oldest == pytest.approx(8, abs=0.5)
    for request in requests:
        await client.hdel(f"{prefix}req:{request.id}", "submitted")
    assert (await survey(link)).models[0].oldest is None


async def test_workers_are_known_by_what_they_do_and_say(join: Join, link: Link) -> None:
    bot, worker = join("bot"), join()
    await bot.submit(a_request())
    await worker.take("one", ["echo", "other"], 1)
    await give_report(link, "two", b"\x00 anything")
    one, two = (await survey(link)).workers
    assert (one.worker, one.running, one.offers, one.report) == ("one", 1, ("echo", "other"), b"")
    assert (two.worker, two.running, two.offers) == ("two", 0, ())
    assert two.report == b"\x00 anything"
    assert max(one.silent, two.silent) < LEASE


async def test_a_silent_worker_stays_in_sight(
    join: Join, link: Link, client: Redis, prefix: str
) -> None:
    worker = join()
    await worker.take("one", ["echo"], 0)
    await give_report(link, "one", b"")
    for name in ("serving:echo", "workers"):
        await client.zincrby(f"{prefix}{name}", -60_000, "one")
    await worker.take("two", ["echo"], 0)
    one, _ = (await survey(link)).workers
    assert one.silent == pytest.approx(60, abs=1)
    assert (await survey(link)).models[0].workers == 1


async def test_reports_are_bounded_and_live_for_a_time(
    link: Link, client: Redis, prefix: str
) -> None:
    await give_report(link, "one", bytes(100_000))
    assert (await survey(link)).workers[0].report == b""
    assert [
        name async for name in client.scan_iter(f"{prefix}*") if await client.ttl(name) < 0
    ] == []
    await client.zadd(f"{prefix}workers", {"long ago": 1})
    await give_report(link, "one", b"")
    assert [each.worker for each in (await survey(link)).workers] == ["one"]


async def test_looking_changes_nothing(join: Join, link: Link, client: Redis, prefix: str) -> None:
    bot, worker = join("bot"), join()
    await bot.submit(a_request())
    await bot.submit(a_request(user="other"))
    job = await take_one(worker)
    await bot.close()
    await worker.close()
    await client.zadd(f"{prefix}lease:echo", {job.request.id: 1})
    before = await _changes(client)
    await survey(link)
    assert await _changes(client) == before


async def test_thousands_that_wait_do_not_make_it_slow(
    link: Link, client: Redis, prefix: str
) -> None:
    tickets = {f"{n:016d}:request-{n}": n for n in range(20_000)}
    await client.zadd(f"{prefix}q:echo:interactive", tickets)
    await client.sadd(f"{prefix}models", "echo")
    await client.config_resetstat()
    for _ in range(20):
        (echo,) = (await survey(link)).models
    assert echo.waiting.total == 20_000
    calls = await client.info("commandstats")
    scripts = [calls.get(f"cmdstat_{name}", {"usec": 0}) for name in ("eval", "evalsha")]
    assert sum(each["usec"] for each in scripts) / 20 < 5_000


async def test_foreign_names_are_survived(link: Link, client: Redis, prefix: str) -> None:
    await client.zadd(f"{prefix}q:\ufffd:interactive", {"strange": 0, "1:": 0})
    await client.sadd(f"{prefix}models", b"\xff", "\ufffd")
    await client.zadd(f"{prefix}workers", {b"\xfe": 1e12})
    found = await survey(link)
    assert [each.model for each in found.models] == ["\ufffd", "\ufffd"]
    assert [each.worker for each in found.workers] == ["\ufffd"]


async def _changes(client: Redis) -> int:
    changes: int = (await client.info("persistence"))["rdb_changes_since_last_save"]
    return changes
