"""Queues of one deployment, as bots and workers in processes of their own would have them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from madang.queue.redis import RedisQueue, Terms

LEASE = 0.6
Join = Callable[..., RedisQueue]


async def entries(client: Redis, stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Read all entries of a stream."""
    found: Any = await client.xrange(stream)
    return list(found)


@pytest.fixture(params=["redis", "valkey"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the address of a server of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def join(url: str, namespace: str) -> AsyncIterator[Join]:
    """Return what makes one more queue of the test's deployment, with a short lease."""
    async with AsyncExitStack() as stack:

        def make(bot: str = "", **terms: float | bool) -> RedisQueue:
            agreed = Terms(namespace=namespace, **{"lease": LEASE, **terms})  # type: ignore[arg-type]
            queue = RedisQueue(url, terms=agreed, bot=bot, watch_seconds=0.05)
            stack.push_async_callback(queue.close)
            return queue

        yield make


@pytest.fixture
async def client(url: str) -> AsyncIterator[Redis]:
    """Return a plain client of the server."""
    client = Redis.from_url(url)
    yield client
    await client.aclose()


@pytest.fixture
def prefix(namespace: str) -> str:
    """Return what all keys of the test's deployment begin with."""
    return Terms(namespace=namespace).prefix
