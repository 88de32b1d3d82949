"""Servers that are not there, refuse, are too old, are full or go away for a while."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from tests.standins.redis_server import Server, find_server, free_port, running, sentinel

from madang.errors import MadangError, QueueBusy, QueueUnreachable, SettingsError
from madang.queue.redis import RedisQueue, Terms
from madang.queue.redis.health import check
from madang.testing import a_request, end_of, ended, events_of, piece, take_one

Start = Callable[..., Server]


@pytest.fixture(params=["redis", "valkey"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Return what starts a server of the test's own, with options of its command line."""
    binary = find_server(request.param)
    if binary is None:
        pytest.skip(f"there is no {request.param} server here")
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(running(binary, tmp_path, options))


@asynccontextmanager
async def joined(url: str, bot: str = "bot", lease: float = 2.0) -> AsyncIterator[RedisQueue]:
    queue = RedisQueue(url, terms=Terms(lease=lease), bot=bot, watch_seconds=0.05)
    try:
        yield queue
    finally:
        await queue.close()


async def refusal(url: str) -> MadangError:
    """Return what a submission to a server that refuses it raises."""
    async with joined(url) as queue:
        with pytest.raises(MadangError) as raised:
            await queue.submit(a_request())
        return raised.value


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "does not begin with redis://"),
        ("localhost:6379", "does not begin with redis://"),
        ("http://localhost", "does not begin with redis://"),
        ("redis://", "names no host"),
        ("redis://localhost:port", "is no address"),
        ("redis+sentinel://localhost", "names no service"),
    ],
)
def test_a_wrong_address_is_named(url: str, what: str) -> None:
    with pytest.raises(SettingsError, match=what) as raised:
        RedisQueue(url)
    assert "redis://HOST:6379/0" in raised.value.hint


def test_an_address_is_shown_without_secrets() -> None:
    with pytest.raises(SettingsError) as raised:
        RedisQueue("http://me:secret@localhost")
    assert "secret" not in str(raised.value)


async def test_a_refused_connection_fails_fast_and_names_the_address() -> None:
    begun = time.monotonic()
    url = f"redis://:secret@127.0.0.1:{free_port()}"
    error = await refusal(url)
    assert isinstance(error, QueueUnreachable)
    assert "127.0.0.1" in error.message
    assert "secret" not in str(error)
    assert time.monotonic() - begun < 5


async def test_a_wrong_password_is_told_at_once(start: Start) -> None:
    server = start("--requirepass", "right")
    for secret in ("", ":wrong@"):
        begun = time.monotonic()
        error = await refusal(f"redis://{secret}127.0.0.1:{server.port}")
        assert isinstance(error, SettingsError)
        assert "does not accept the user or the password" in error.message
        assert time.monotonic() - begun < 1
    async with joined(f"redis://:right@127.0.0.1:{server.port}") as queue:
        assert (await queue.submit(a_request())).admission == "ok"


async def test_a_user_of_the_server_needs_only_its_namespace(start: Start) -> None:
    rules = ["on", ">word", "~{madang:madang}:*", "+@all", "-@admin", "-@dangerous"]
    server = start("--user", "bot", *rules)
    async with joined(f"redis://bot:word@127.0.0.1:{server.port}") as queue:
        await queue.check()
        assert (await queue.submit(a_request())).admission == "ok"
        assert await queue.finish(ended(await take_one(queue)))


async def test_a_missing_permission_is_told(start: Start) -> None:
    server = start("--user", "bot", "on", ">word", "~other:*", "+@all")
    error = await refusal(f"redis://bot:word@127.0.0.1:{server.port}")
    assert isinstance(error, SettingsError)
    assert "~{madang:NAMESPACE}:*" in error.hint


async def test_a_full_server_refuses_what_is_new_and_lets_the_rest_end(start: Start) -> None:
    server = start()
    async with joined(server.url) as queue:
        request = a_request()
        await queue.submit(request)
        client = Redis.from_url(server.url)
        await client.config_set("maxmemory", "1")
        with pytest.raises(QueueBusy, match="no memory left"):
            await queue.submit(a_request())
        job = await take_one(queue)
        await queue.publish([piece(job, 0, "안녕")])
        assert await queue.finish(ended(job))
        assert await end_of(queue, request.id) == ended(job)
        await client.aclose()


async def test_a_server_that_evicts_is_warned_about(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    server = start("--maxmemory-policy", "allkeys-lru")
    async with joined(server.url) as queue:
        await queue.check()
    assert "maxmemory-policy allkeys-lru" in caplog.text


def test_a_server_that_is_too_old_is_named() -> None:
    with pytest.raises(SettingsError, match=r"is Redis 6\.2\.14"):
        check({"redis_version": "6.2.14"}, "redis://here")
    check({"redis_version": "7.0.0"}, "redis://here")
    check({"redis_version": "10.1"}, "redis://here")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_of_the_server_loses_nothing(start: Start, how: signal.Signals) -> None:
    server = start("--appendonly", "yes", "--appendfsync", "always")
    async with joined(server.url) as bot, joined(server.url, "other") as worker:
        running_one, waiting = a_request(user="one"), a_request(user="two")
        await bot.submit(running_one)
        await bot.submit(waiting)
        job = await take_one(worker)
        reading = [asyncio.create_task(end_of(bot, each.id)) for each in (running_one, waiting)]
        await worker.publish([piece(job, 0, "안")])
        server.kill(how)
        publishing = asyncio.create_task(worker.publish([piece(job, 1, "녕")]))
        await asyncio.sleep(0.2)
        server.start()
        await publishing
        assert not (await worker.renew("worker", [job.request.id])).lost
        assert await worker.finish(ended(job))
        await worker.finish(ended(await take_one(worker)))
        assert {end.reason for end in await asyncio.gather(*reading)} == {"stop"}


async def test_a_server_that_comes_back_empty_gets_the_requests_again(start: Start) -> None:
    server = start()
    async with joined(server.url) as bot, joined(server.url, "other") as worker:
        request = a_request()
        await bot.submit(request)
        job = await take_one(worker)
        reading = asyncio.create_task(events_of(bot, request.id))
        server.kill()
        server.start()
        assert (await worker.renew("worker", [request.id])).lost == {request.id}
        again = await take_one(worker)
        assert (again.request, again.attempt > job.attempt) == (request, True)
        assert await worker.finish(ended(again))
        assert (await reading)[-1] == ended(again)


async def test_leases_have_a_grace_after_the_server_was_away(start: Start) -> None:
    server = start("--appendonly", "yes", "--appendfsync", "always")
    async with joined(server.url, lease=0.5) as bot, joined(server.url, lease=0.5) as worker:
        await bot.submit(a_request())
        job = await take_one(worker)
        server.kill()
        await asyncio.sleep(0.6)
        server.start()
        assert await bot.take("other", ["echo"], 0) == []
        assert not (await worker.renew("worker", [job.request.id])).lost
        assert await worker.finish(ended(job))


async def test_a_worker_that_cannot_renew_stops_within_its_lease(start: Start) -> None:
    server = start()
    async with joined(server.url) as bot, joined(server.url, lease=0.5) as worker:
        await bot.submit(a_request())
        job = await take_one(worker)
        await worker.renew("worker", [job.request.id])
        server.kill()
        begun = time.monotonic()
        lost: frozenset[str] = frozenset()
        while not lost:
            lost = (await worker.renew("worker", [job.request.id])).lost
        assert lost == {job.request.id}
        assert time.monotonic() - begun < 0.5


async def test_sentinels_name_the_server(start: Start, tmp_path: Path) -> None:
    server, port = start("--requirepass", "word"), free_port()
    folder = tmp_path / "sentinel"
    folder.mkdir()
    config = folder / "sentinel.conf"
    config.write_text(f"port {port}\nsentinel monitor yard 127.0.0.1 {server.port} 1\n", "utf-8")
    with config.open("a", encoding="utf-8") as more:
        more.write("sentinel auth-pass yard word\n")
    with sentinel(server.binary, config, port):
        async with joined(f"redis+sentinel://:word@127.0.0.1:{port}/yard") as queue:
            assert (await queue.submit(a_request())).admission == "ok"
            assert await queue.finish(ended(await take_one(queue)))
