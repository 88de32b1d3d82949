"""Backends on a stand-in of a server, and a real one: `transformers serve` on the demo model."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.standins.openai_server import StandIn, serving

import madang
from madang.contract import Model, Server
from madang.openai import OpenAIBackend

DEMO = Path(madang.__file__).parent / "demo" / "model"
START_SECONDS = 60.0

MakeBackend = Callable[..., OpenAIBackend]


@pytest_asyncio.fixture
async def standin() -> AsyncIterator[StandIn]:
    """Serve on loopback; a request that no server would take fails the test."""
    async with serving(StandIn()) as served:
        yield served
    assert served.strange == []


@pytest_asyncio.fixture
async def make(standin: StandIn) -> AsyncIterator[MakeBackend]:
    """Give a function that makes a backend on the stand-in, which waits for nothing."""
    made: list[OpenAIBackend] = []

    def make_backend(table: dict[str, Any] | None = None, **server: Any) -> OpenAIBackend:
        said = {"url": standin.url, "model": "served", **server}
        made.append(OpenAIBackend("kim", Model(server=Server(**said), **table or {}), backoff=0))
        return made[-1]

    yield make_backend
    for backend in made:
        await backend.close()


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start `transformers serve` and give its address."""
    folder = tmp_path_factory.mktemp("serve")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", "--device", "cpu"]
    command += ["--dtype", "float32", "--host", "127.0.0.1", "--port", str(port)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder), "OMP_NUM_THREADS": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **offline}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)  # another process: nothing tells when it listens
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
