"""How requests are asked and timed, the same for every candidate.

Every request has a number of its own, and its answer has to be that number.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

from madang.bench.queue.messages import Order, Reply

PAYLOAD_BYTES = 1024
ANSWER_BYTES = 12
PATIENCE = 10.0
"""How long one answer may take, in seconds."""
LEAST = 3
"""Round trips that are timed at least, however long they take."""

Ask = Callable[[str, int], Awaitable[str]]
"""`await ask(payload, in_flight)`: ask, and wait for the answer."""
Send = Callable[[str], Any]
Collect = Callable[[Any], str]
Bot = Callable[[Order], Reply]

_numbers = itertools.count(1)


def next_payload() -> str:
    """Make a request that was not asked before."""
    return f"{next(_numbers):0{ANSWER_BYTES}d}".ljust(PAYLOAD_BYTES, ".")


def answer_to(payload: str) -> str:
    """Do the work of a request, which is none."""
    return payload[:ANSWER_BYTES]


def check(payload: str, answer: str) -> None:
    """Refuse an answer that belongs to another request."""
    if answer != answer_to(payload):
        raise RuntimeError(f"request {answer_to(payload)} was answered with {answer!r}")


@contextmanager
def waiting_bot(opened: AbstractAsyncContextManager[Ask], in_flight: int) -> Iterator[Bot]:
    """Measure a candidate whose answers can be awaited."""
    with asyncio.Runner() as runner:
        ask = runner.run(opened.__aenter__())

        def measure(order: Order) -> Reply:
            if order.what == "at_once":
                return runner.run(at_once(ask, order.seconds, in_flight))
            return runner.run(one_by_one(ask, order.seconds))

        yield measure
        runner.run(opened.__aexit__(None, None, None))


async def at_once(ask: Ask, seconds: float, in_flight: int) -> Reply:
    """Keep so many requests in flight, and count those that were answered."""
    begun = time.perf_counter()

    async def again_and_again() -> int:
        count = 0
        while time.perf_counter() - begun < seconds:
            await _ask(ask, in_flight)
            count += 1
        return count

    counts = await asyncio.gather(*(again_and_again() for _ in range(in_flight)))
    return Reply(count=sum(counts), seconds=time.perf_counter() - begun)


async def one_by_one(ask: Ask, seconds: float) -> Reply:
    """Time round trips, each asked when the one before it was answered."""
    begun, times = time.perf_counter(), list[float]()
    while time.perf_counter() - begun < seconds or len(times) < LEAST:
        sent = time.perf_counter()
        await _ask(ask, 1)
        times.append(time.perf_counter() - sent)
    return Reply(count=len(times), times=times)


def blocking_bot(send: Send, collect: Collect, in_flight: int) -> Bot:
    """Measure a candidate that blocks its thread while it waits for an answer."""

    def measure(order: Order) -> Reply:
        if order.what == "at_once":
            return sliding(send, collect, order.seconds, in_flight)
        return in_turn(send, collect, order.seconds)

    return measure


def sliding(send: Send, collect: Collect, seconds: float, in_flight: int) -> Reply:
    """Keep so many requests in flight from one thread, collecting the oldest first."""
    flying: deque[tuple[str, Any]] = deque()
    begun, count = time.perf_counter(), 0
    while (left := time.perf_counter() - begun < seconds) or flying:
        if left and len(flying) < in_flight:
            payload = next_payload()
            flying.append((payload, send(payload)))
        else:
            payload, sent = flying.popleft()
            check(payload, collect(sent))
            count += 1
    return Reply(count=count, seconds=time.perf_counter() - begun)


def in_turn(send: Send, collect: Collect, seconds: float) -> Reply:
    """Time round trips, each asked when the one before it was answered."""
    begun, times = time.perf_counter(), list[float]()
    while time.perf_counter() - begun < seconds or len(times) < LEAST:
        payload, sent = next_payload(), time.perf_counter()
        answer = collect(send(payload))
        times.append(time.perf_counter() - sent)
        check(payload, answer)
    return Reply(count=len(times), times=times)


async def _ask(ask: Ask, in_flight: int) -> None:
    payload = next_payload()
    check(payload, await ask(payload, in_flight))
