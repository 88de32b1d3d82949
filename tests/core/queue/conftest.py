"""Every queue that the contract tests run on."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from tests.standins.redis_server import WHERE_FROM, find_server, running

from madang.contract import Queue
from madang.queue import LocalQueue
from madang.queue.redis import RedisQueue, Terms

MakeQueue = Callable[..., Queue]


@pytest.fixture
def namespace() -> str:
    """Return a namespace that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture(params=["local", "redis", "valkey"])
def make_queue(request: pytest.FixtureRequest, namespace: str) -> MakeQueue:
    """Return what makes a queue; it takes `max_waiting` and `max_waiting_per_user`."""
    if request.param == "local":
        return LocalQueue
    url = request.getfixturevalue(f"{request.param}_url")

    def make(*, max_waiting: int, max_waiting_per_user: int) -> Queue:
        terms = Terms(
            namespace=namespace, max_waiting=max_waiting, max_waiting_per_user=max_waiting_per_user
        )
        return RedisQueue(url, terms=terms, watch_seconds=0.05)

    return make


def _url(kind: str) -> Callable[..., Iterator[str]]:
    def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        binary = find_server(kind)
        if binary is None:
            pytest.skip(f"there is no {kind} server here: {WHERE_FROM[kind]}")
        with running(binary, tmp_path_factory.mktemp(kind)) as server:
            yield server.url

    return start


redis_url = pytest.fixture(scope="session", name="redis_url")(_url("redis"))
valkey_url = pytest.fixture(scope="session", name="valkey_url")(_url("valkey"))


@pytest.fixture
async def queue(make_queue: MakeQueue) -> AsyncIterator[Queue]:
    """Return a queue that takes up to 1,000 requests, of anybody."""
    queue = make_queue(max_waiting=1000, max_waiting_per_user=1000)
    yield queue
    await queue.close()
