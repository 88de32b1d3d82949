"""The harness: it says what is wrong instead of hanging."""

import asyncio
from collections.abc import Sequence

import pytest

from madang.contract import Piece, Progress
from madang.errors import QueueClosed
from madang.queue import LocalQueue
from madang.testing import EchoBackend, HeldBackend, a_request, end_of, serving


class Broken(LocalQueue):
    """Fail to publish."""

    async def publish(self, events: Sequence[Piece | Progress]) -> None:
        """Fail."""
        raise ConnectionError("gone")


async def test_a_worker_that_breaks_fails_the_test() -> None:
    with pytest.raises(BaseExceptionGroup, match="TaskGroup") as caught:
        async with serving({"echo": HeldBackend()}, Broken()) as queue:
            with pytest.raises(QueueClosed):
                await end_of(queue, a_request())
    assert caught.group_contains(ConnectionError)


async def test_a_refused_request_fails_the_test() -> None:
    async with serving({}, LocalQueue(max_waiting=0)) as queue:
        with pytest.raises(AssertionError, match="refused: busy"):
            await end_of(queue, a_request())


async def test_nothing_is_left_behind() -> None:
    backend = EchoBackend()
    async with serving({"echo": backend}) as queue:
        await end_of(queue, a_request())
    assert not backend.loaded
    assert asyncio.all_tasks() == {asyncio.current_task()}
