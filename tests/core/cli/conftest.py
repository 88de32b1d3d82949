"""A deployment on a real server, with a profile that names it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.standins.redis_server import WHERE_FROM, Server, find_server, running

from madang.queue.redis import RedisQueue, Terms

PROFILE = """\
[models.echo]
backend = "echo"
[queue]
kind = "redis"
url = "{url}"
namespace = "{namespace}"
attempts = 1
"""

Join = Callable[..., RedisQueue]


@dataclass(frozen=True)
class Fleet:
    """Hold a server, a namespace of a test's own, and the profile for both."""

    server: Server
    profile: str
    namespace: str

    async def act(self, what: Callable[[Join], Awaitable[None]]) -> None:
        """Do something with queues of this deployment, where one lost worker is enough."""
        async with AsyncExitStack() as stack:

            def join(bot: str = "") -> RedisQueue:
                terms = Terms(namespace=self.namespace, attempts=1)
                queue = RedisQueue(self.server.url, terms=terms, bot=bot)
                stack.push_async_callback(queue.close)
                return queue

            await what(join)


@pytest.fixture(scope="session", params=["redis", "valkey"])
def fleet_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run a server of each kind."""
    binary = find_server(request.param)
    if binary is None:
        pytest.skip(f"there is no {request.param} server here: {WHERE_FROM[request.param]}")
    with running(binary, tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def fleet(fleet_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Write the profile of a new deployment."""
    monkeypatch.setenv("MADANG_HOME", str(tmp_path))
    path = tmp_path / "fleet.toml"
    # A server without users takes any password.
    url = fleet_server.url.replace("//", "//default:secret@")
    path.write_text(PROFILE.format(url=url, namespace=tmp_path.name), "utf-8")
    return Fleet(fleet_server, str(path), tmp_path.name)
