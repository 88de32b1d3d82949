"""Our own queue, through what bots and workers have of it and nothing else."""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis

from madang.bench.queue.asking import PATIENCE, Bot, at_once, one_by_one
from madang.bench.queue.messages import Job, Order, Reply
from madang.bench.queue.serving import MODEL, Streamer, answer_at_once, piece_of
from madang.contract import End, Part, Piece, Prompt, Request, Sampling, Segment
from madang.queue.redis import RedisQueue, Terms

USERS = 1000
DEADLINE_SECONDS = 120.0


@contextmanager
def open_bot(job: Job) -> Iterator[Bot]:
    """Connect the side that asks."""
    with asyncio.Runner() as runner:
        queue = _queue(job)
        asker = _Asker(queue, job)
        measures: Mapping[str, Callable[[Order], Coroutine[Any, Any, Reply]]] = {
            "at_once": lambda order: at_once(asker.ask, order.seconds, job.in_flight),
            "one_by_one": lambda order: one_by_one(asker.ask, order.seconds),
            "ping": lambda order: _ping(job.url, order.seconds),
            "stream": asker.stream,
            "interrupt": asker.interrupt,
        }

        def measure(order: Order) -> Reply:
            return runner.run(measures[order.what](order))

        yield measure
        runner.run(queue.close())


def serve(job: Job, ready: Callable[[], None]) -> None:
    """Answer until the process is ended."""
    asyncio.run(_serve(job, ready))


async def _serve(job: Job, ready: Callable[[], None]) -> None:
    queue = _queue(job)
    await queue.check()
    if job.role == "worker":
        await answer_at_once(queue, job, ready)
    else:
        await Streamer(queue, job).run(ready)


class _Asker:
    """Submit requests as many people would, each in a conversation of their own."""

    def __init__(self, queue: RedisQueue, job: Job) -> None:
        self._queue = queue
        self._job = job
        self._numbers = itertools.count()

    async def ask(self, payload: str, in_flight: int = 1) -> str:
        """Ask for an answer and wait for its end."""
        async with asyncio.timeout(PATIENCE):
            async for event in self._queue.events(await self._submit(payload)):
                if isinstance(event, End):
                    return event.text
        raise RuntimeError("a request ended without an end")

    async def stream(self, order: Order) -> Reply:
        """Keep answers streaming, and count the pieces of those that came whole and in order."""
        whole = "".join(map(piece_of, range(self._job.pieces)))
        begun = time.perf_counter()

        async def again_and_again() -> int:
            count = 0
            while time.perf_counter() - begun < order.seconds:
                await self._read_whole(whole)
                count += self._job.pieces
            return count

        counts = await asyncio.gather(*(again_and_again() for _ in range(self._job.in_flight)))
        return Reply(count=sum(counts), seconds=time.perf_counter() - begun)

    async def _read_whole(self, whole: str) -> None:
        text = ""
        async with asyncio.timeout(PATIENCE):
            async for event in self._queue.events(await self._submit("stream")):
                if isinstance(event, Piece) and event.offset == len(text):
                    text += event.text
                elif isinstance(event, End) and not text == event.text == whole:
                    raise RuntimeError(f"{len(text)} of {len(whole)} characters came in order")

    async def interrupt(self, order: Order) -> Reply:
        """Follow an answer until the first piece of its second delivery is here.

        Replies with that moment, and with how many pieces the first delivery brought.
        """
        pieces = 0
        async with asyncio.timeout(PATIENCE + 3 * self._job.lease):
            async for event in self._queue.events(await self._submit("interrupt")):
                if isinstance(event, Piece) and event.attempt > 1:
                    return Reply(at=time.monotonic(), count=pieces)
                pieces += isinstance(event, Piece)
        raise RuntimeError("the answer ended without a second delivery")

    async def _submit(self, text: str) -> str:
        number = next(self._numbers)
        name = f"{self._job.namespace}-{number}"
        said = Segment(kind="tail", role="user", parts=(Part(text, quoted=True),))
        request = Request(
            id=name,
            nonce="bench",
            conversation=name,
            user=f"user-{number % USERS}",
            model=MODEL,
            prompt=Prompt("chat", (said,)),
            sampling=Sampling(),
            deadline=time.time() + DEADLINE_SECONDS,
        )
        admission = (await self._queue.submit(request)).admission
        if admission != "ok":
            raise RuntimeError(f"request {name} was refused: {admission}")
        return name


async def _ping(url: str, seconds: float) -> Reply:
    """Time the least that a round trip through an asyncio client costs."""
    begun, times = time.perf_counter(), list[float]()
    async with Redis.from_url(url) as client:
        execute: Any = client.execute_command
        while time.perf_counter() - begun < seconds:
            sent = time.perf_counter()
            await execute("PING")
            times.append(time.perf_counter() - sent)
    return Reply(count=len(times), times=times)


def _queue(job: Job) -> RedisQueue:
    return RedisQueue(job.url, terms=Terms(namespace=job.namespace, lease=job.lease))
