"""Whatever gets lost on the way to the server and back: nothing doubled, nothing gone, one end."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import Join, entries
from tests.core.queue.redis.crew import at_work, ends_of, joined
from tests.standins.redis_proxy import Fate, Once, Proxy
from tests.standins.redis_server import find_server

from madang.contract import Job
from madang.queue.redis import RedisQueue, Terms
from madang.testing import (
    EchoBackend,
    HeldBackend,
    a_request,
    end_of,
    ended,
    events_of,
    piece,
    take_one,
    text_of,
)

SHORT_LEASE, LONG_LEASE = 0.8, 3.0
TIMEOUT = 0.6
SCRIPTS = (
    "submit",
    "take",
    "publish",
    "renew",
    "release",
    "look",
    "finish",
    "acknowledge",
    "watch",
    "cancel",
)
SEEDS = (1, 2)
REQUESTS = 40


@dataclass
class Scene:
    """Hold bots and a worker who reach the server through a proxy, and what befalls them."""

    url: str
    terms: Terms
    ill: str
    once: Once
    proxied: str
    stack: AsyncExitStack

    def join(self, bot: str = "", watch_seconds: float = 3600) -> RedisQueue:
        """Make one more queue of the deployment."""
        queue = RedisQueue(self.proxied, terms=self.terms, bot=bot, watch_seconds=watch_seconds)
        self.stack.push_async_callback(queue.close)
        return queue

    @asynccontextmanager
    async def step(self, script: str) -> AsyncIterator[None]:
        """Do what runs a script; the one that this test is about meets its fate, once."""
        if script == self.ill and not self.once.met.is_set():
            self.once.arm()
        yield
        if script == self.ill:
            await self.once.met.wait()

    async def take(self, worker: RedisQueue, request: str) -> Job:
        """Take as a worker does, who renews meanwhile what it knows of."""
        taking = asyncio.create_task(worker.take("worker", ["echo"], 1))
        async with self.step("take"):
            await asyncio.sleep(0)
        while not (await asyncio.wait({taking}, timeout=0.05))[0]:
            await worker.renew("worker", [])
        (job,) = taking.result()
        assert job.request.id == request
        return job


@asynccontextmanager
async def scene(
    url: str, namespace: str, lease: float, ill: str, fate: Fate
) -> AsyncIterator[Scene]:
    once = Once(fate)
    terms = Terms(namespace=namespace, lease=lease)
    async with AsyncExitStack() as stack:
        proxy = Proxy(urlsplit(url).port or 0, judge=once)
        await stack.enter_async_context(proxy.running())
        proxied = f"{proxy.url}?socket_timeout={TIMEOUT}" if fate == "stall" else proxy.url
        yield Scene(url, terms, ill, once, proxied, stack)


async def converse(scene: Scene) -> None:
    """Run every script there is; none but one of them is ill-fated."""
    bot, worker = scene.join("bot"), scene.join()
    request = a_request("안녕하세요")
    async with scene.step("submit"):
        assert (await bot.submit(request)).admission == "ok"
    job = await scene.take(worker, request.id)
    async with scene.step("publish"):
        await worker.publish([piece(job, 0, "안녕")])
    async with scene.step("renew"):
        assert not (await worker.renew("worker", [request.id])).lost
    async with scene.step("release"):
        await worker.release(request.id, job.attempt)
    again = await scene.take(worker, request.id)
    assert again.attempt > job.attempt
    await worker.publish([piece(again, 0, "안녕하")])
    async with scene.step("look"):
        reading = asyncio.create_task(events_of(scene.join("reader"), request.id))
    end = ended(again, "안녕하세요")
    async with scene.step("finish"):
        assert await worker.finish(end)
    assert (await reading)[-1] == end
    events = await events_of(bot, request.id)
    async with scene.step("acknowledge"):
        pass
    assert events[-1] == end
    assert end.text.startswith(text_of([each for each in events if each.attempt == end.attempt]))
    await cancel_one(scene)


async def cancel_one(scene: Scene) -> None:
    """Submit a request that waits for its place and is cancelled."""
    bot = scene.join("watcher", watch_seconds=0.05 if scene.ill == "watch" else 3600)
    request = a_request()
    await bot.submit(request)
    async with scene.step("watch"):
        pass
    async with scene.step("cancel"):
        await bot.cancel(request.id)
    assert (await end_of(bot, request.id)).reason == "cancelled"


async def check(scene: Scene) -> None:
    """Look at what the server holds in the end: one end of each request, and nobody waiting."""
    prefix = scene.terms.prefix
    async with Redis.from_url(scene.url) as client:
        ends = [fields for _, fields in await entries(client, f"{prefix}r:bot") if b"end" in fields]
        assert len(ends) == 1
        assert await client.xlen(f"{prefix}r:watcher") == 1
        for kind in ("conv:*", "user:*", "lease:*", "held:*", "q:*", "waiting", "dead"):
            assert [name async for name in client.scan_iter(f"{prefix}{kind}")] == []


async def suffer(url: str, namespace: str, script: str, fate: Fate) -> None:
    # What a lost answer to `take` brought is given back after half of a lease.
    lease = LONG_LEASE if fate == "stall" and script != "take" else SHORT_LEASE
    try:
        async with scene(url, f"{namespace}-{script}", lease, script, fate) as found:
            await converse(found)
            await check(found)
    except Exception as error:
        error.add_note(f"That was the script '{script}' at {url}.")
        raise


@pytest.fixture
def urls(request: pytest.FixtureRequest) -> list[str]:
    """Return the address of a server of each kind that is here, to wait for all at once."""
    kinds = [kind for kind in ("redis", "valkey") if find_server(kind)]
    return [request.getfixturevalue(f"{kind}_url") for kind in kinds or ["valkey"]]


@pytest.mark.parametrize("fate", ["lose", "refuse", "stall"])
async def test_a_script_that_is_cut_off_or_stalls_doubles_and_loses_nothing(
    urls: Sequence[str], namespace: str, fate: Fate
) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for url, script in product(urls, SCRIPTS):
            group.create_task(suffer(url, namespace, script, fate))


class BadLine:
    """Cut one connection in ten commands, before or after the server has heard them."""

    def __init__(self, seed: int) -> None:
        self._randomness = random.Random(seed)

    def __call__(self, words: list[bytes]) -> Fate:
        """Judge a command."""
        drawn = self._randomness.random()
        return "lose" if drawn < 0.06 else "refuse" if drawn < 0.1 else "pass"


async def talk(url: str, terms: Terms, seed: int) -> None:
    """Have two bots and two workers converse over a bad line."""
    proxy = Proxy(urlsplit(url).port or 0, judge=BadLine(seed))
    asked = [a_request(f"{n}번째 질문입니다", id=f"{n}", user=f"{n % 7}") for n in range(REQUESTS)]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(proxy.running())
        waiting = [joined(proxy.url, terms, f"bot-{n % 2}") for n in range(4)]
        queues = [await stack.enter_async_context(each) for each in waiting]
        for number in (2, 3):
            await stack.enter_async_context(
                at_work(queues[number], f"worker-{number}", EchoBackend())
            )
        ends = await asyncio.gather(*(end_of(queues[n % 2], each) for n, each in enumerate(asked)))
    assert [end.text for end in ends] == [f"{n}번째 질문입니다" for n in range(REQUESTS)]
    assert {end.reason for end in ends} == {"stop"}
    assert await ends_of(url, terms, ("bot-0", "bot-1")) == Counter(each.id for each in asked)


async def test_a_talk_over_a_bad_line_ends_every_request_once(
    urls: Sequence[str], namespace: str
) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for url, seed in product(urls, SEEDS):
            name = f"{namespace}-{seed}"
            terms = Terms(namespace=name, lease=SHORT_LEASE, max_waiting_per_user=REQUESTS)
            group.create_task(talk(url, terms, seed))


async def part_worker(url: str, terms: Terms) -> None:
    """Cut off a worker in the middle of an answer, and have another finish it."""
    proxy, cut_off, request = Proxy(urlsplit(url).port or 0), HeldBackend(), a_request("안녕하세요")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(proxy.running())
        queues = [joined(each, terms) for each in (url, proxy.url, url)]
        bot, hands, other = [await stack.enter_async_context(each) for each in queues]
        await stack.enter_async_context(at_work(hands, "worker", cut_off))
        reading = asyncio.create_task(end_of(bot, request))
        await cut_off.held.wait()
        proxy.part()
        (job,) = await other.take("other", ["echo"], 1)
        assert cut_off.closed == [request.id]
        assert await other.finish(ended(job, "안녕하세요"))
        assert (await reading).text == "안녕하세요"
        proxy.join()


async def test_a_worker_that_is_cut_off_stops_before_others_begin(
    urls: Sequence[str], namespace: str
) -> None:
    terms = Terms(namespace=namespace, lease=SHORT_LEASE)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(part_worker(url, terms))


async def test_a_bot_that_was_cut_off_hears_what_it_missed(
    join: Join, url: str, namespace: str
) -> None:
    worker, request = join(), a_request()
    proxy = Proxy(urlsplit(url).port or 0)
    async with asyncio.timeout(20), proxy.running(), joined(proxy.url, worker.terms, "bot") as bot:
        await bot.submit(request)
        job = await take_one(worker)
        reading = asyncio.create_task(events_of(bot, request.id))
        await worker.publish([piece(job, 0, "안녕")])
        proxy.part()
        await worker.publish([piece(job, 2, "하세")])
        assert await worker.finish(ended(job, "안녕하세요"))
        proxy.join()
        assert (await reading)[-1] == ended(job, "안녕하세요")
