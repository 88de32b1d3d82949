"""The engine's thread: busy while somebody asks, free in between, and never the reason to hang."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from tests.core.inference.asking import request

from madang.contract import Model, Output
from madang.errors import ModelError
from madang.inference.engine.engine import Engine, Run
from madang.inference.serving import Service, serve

Served = tuple[Service, ThreadPoolExecutor]


@pytest_asyncio.fixture
async def served(checkpoints: dict[str, Path]) -> AsyncIterator[Served]:
    """Give the service of a tiny checkpoint, and the thread that it runs on."""
    thread = ThreadPoolExecutor(1)
    table = Model(source=str(checkpoints["llama"]), dtype="float32")
    loop = asyncio.get_running_loop()
    _, service = await loop.run_in_executor(thread, serve, "tiny", table, thread, lambda _: None)
    yield service, thread
    await service.close()
    thread.shutdown()


async def collect(service: Service) -> list[Output]:
    """Ask once."""
    return [output async for output in service.generate(request(max_new_tokens=4))]


async def passes(thread: ThreadPoolExecutor) -> None:
    """Have something else done on the thread."""
    await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(thread, int), 10)


async def test_the_thread_is_free_when_nobody_asks_so_that_python_can_exit(served: Served) -> None:
    service, thread = served
    await passes(thread)
    for _ in range(2):
        assert (await collect(service))[-1].reason == "length"
        await passes(thread)


async def test_a_service_that_broke_down_tells_everybody_and_can_be_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(engine: Engine, run: Run) -> None:
        raise TypeError("a mistake of the engine")

    service, thread = served
    monkeypatch.setattr(Engine, "add", broken)
    said = await asyncio.gather(*(collect(service) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(each, ModelError) and "a mistake" in each.message for each in said)
    assert not service.alive
    await service.close()
    await passes(thread)


async def test_closing_again_and_again_ends_what_was_asked_meanwhile(served: Served) -> None:
    service, _ = served
    asking = [asyncio.create_task(collect(service)) for _ in range(20)]
    await asyncio.gather(*(service.close() for _ in range(3)))
    async with asyncio.timeout(10):
        await asyncio.gather(*asking)
