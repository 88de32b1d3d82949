"""Every queue that the contract tests run on."""

from collections.abc import AsyncIterator, Callable

import pytest

from madang.contract import Queue
from madang.queue import LocalQueue

MakeQueue = Callable[..., Queue]


def local(*, max_waiting: int, max_waiting_per_user: int) -> Queue:
    """Make a local queue."""
    return LocalQueue(max_waiting=max_waiting, max_waiting_per_user=max_waiting_per_user)


@pytest.fixture(params=[local])
def make_queue(request: pytest.FixtureRequest) -> MakeQueue:
    """Return what makes a queue; it takes `max_waiting` and `max_waiting_per_user`."""
    made: MakeQueue = request.param
    return made


@pytest.fixture
async def queue(make_queue: MakeQueue) -> AsyncIterator[Queue]:
    """Return a queue that takes up to 1,000 requests, of anybody."""
    queue = make_queue(max_waiting=1000, max_waiting_per_user=1000)
    yield queue
    await queue.close()
