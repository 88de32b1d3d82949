"""Who listens hears of every answer once, and how it ended at this worker."""

import asyncio
import logging

import pytest

from madang.contract import Request
from madang.errors import ModelError
from madang.queue import LocalQueue
from madang.testing import EchoBackend, HeldBackend, ScriptedBackend, a_request, end_of
from madang.worker import Pool, working


class Heard:
    """Remember what was heard."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, str]] = []
        self.seconds: list[float] = []

    def __call__(self, request: Request, reason: str, seconds: float) -> None:
        """Hear of an answer."""
        self.ends.append((request.id, reason))
        self.seconds.append(seconds)


async def test_ends_are_heard_with_their_reasons() -> None:
    heard, queue = Heard(), LocalQueue()
    backend = ScriptedBackend(answers=["네", ModelError("It broke.")])
    async with working(queue, Pool({"echo": backend}), served=heard) as worker:
        await end_of(queue, a_request(id="one"))
        await end_of(queue, a_request(id="two"))
        assert worker.report().models[0].running == 0
    assert heard.ends == [("one", "stop"), ("two", "error")]
    assert all(0 <= seconds < 10 for seconds in heard.seconds)


async def test_what_was_cancelled_or_given_back_is_heard_too() -> None:
    heard, queue, backend = Heard(), LocalQueue(), HeldBackend()
    async with working(queue, Pool({"echo": backend}), patience=0, served=heard):
        await queue.submit(a_request("안녕하세요", id="one"))
        await backend.held.wait()
        await queue.cancel("one")
        assert (await end_of(queue, "one")).reason == "cancelled"
        backend.held.clear()
        await queue.submit(a_request("안녕하세요", id="two"))
        await backend.held.wait()
    assert heard.ends == [("one", "cancelled"), ("two", "release")]


async def test_loads_are_counted() -> None:
    queue, pool = LocalQueue(), Pool({"echo": EchoBackend(), "other": EchoBackend()})
    async with working(queue, pool):
        await asyncio.gather(*(end_of(queue, a_request()) for _ in range(3)))
        assert (pool.loads("echo"), pool.loads("other")) == (1, 0)


async def test_a_failure_that_was_expected_is_logged_with_its_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue, backend = LocalQueue(), ScriptedBackend(answers=[ModelError("It broke.", "Mend it.")])
    async with working(queue, Pool({"echo": backend})):
        await end_of(queue, a_request(id="one"))
    [record] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert record.getMessage() == "Request 'one' failed: It broke.\n  Mend it."
    assert record.exc_info is None
