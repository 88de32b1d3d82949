"""Models that load slowly, in threads, or not to the end."""

import asyncio

from tests.core.worker.heavy import Heavy, Memory, budget_of

from madang.contract import (
    LoadProgress,
    Progress,
    Queue,
    Request,
)
from madang.queue import LocalQueue
from madang.testing import (
    EchoBackend,
    a_request,
    end_of,
    serving,
    spin,
)
from madang.worker import Pool, Worker, working


def alone() -> bool:
    """Say whether the test's own task is the only one."""
    return asyncio.all_tasks() == {asyncio.current_task()}


class Slow(EchoBackend):
    """Load in steps, each when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: asyncio.Queue[float] = asyncio.Queue()

    async def load(self, progress: LoadProgress) -> None:
        """Report each step until one is 1."""
        done = 0.0
        while done < 1.0:
            done = await self.steps.get()
            progress(done)


async def test_a_slow_load_tells_how_far_it_is() -> None:
    backend = Slow()
    seen = []
    async with serving({"echo": backend}) as queue:
        request = a_request()
        await queue.submit(request)
        backend.steps.put_nowait(0.25)
        async for event in queue.events(request.id):
            if isinstance(event, Progress) and event.phase == "loading":
                seen.append(event.done)
                backend.steps.put_nowait({0.25: 0.5, 0.5: 1.0}.get(event.done or 0.0, 1.0))
    assert seen[:2] == [0.25, 0.5]
    assert alone()


async def test_a_request_can_be_cancelled_while_its_model_loads() -> None:
    backend = Slow()
    async with serving({"echo": backend}) as queue:
        cancelled, other = a_request(), a_request()
        await queue.submit(cancelled)
        await queue.submit(other)
        backend.steps.put_nowait(0.5)
        await loading(queue, cancelled)
        await queue.cancel(cancelled.id)
        assert (await end_of(queue, cancelled.id)).reason == "cancelled"
        backend.steps.put_nowait(1.0)
        assert (await end_of(queue, other.id)).reason == "stop"


async def loading(queue: Queue, request: Request) -> None:
    """Wait until a request is told that its model loads."""
    async for event in queue.events(request.id):
        if isinstance(event, Progress) and event.phase == "loading":
            return


class Threaded(EchoBackend):
    """Load in a thread, as real models do."""

    async def load(self, progress: LoadProgress) -> None:
        """Report from another thread."""
        await asyncio.to_thread(progress, 0.5)


async def test_a_model_may_load_in_a_thread() -> None:
    async with serving({"echo": Threaded()}) as queue:
        assert (await end_of(queue, a_request())).reason == "stop"


async def test_who_waits_for_room_is_told_that_the_model_loads() -> None:
    memory = Memory()
    busy, other = Heavy(6, memory), Heavy(6, memory)
    queue, pool = LocalQueue(), Pool({"busy": busy, "echo": other}, budget=budget_of(10))
    async with working(queue, pool, flush=0.0, patience=0):
        request = a_request()
        async with pool.using("busy", lambda done: None):
            await queue.submit(request)
            await loading(queue, request)
            assert not other.begun.is_set()
        assert (await end_of(queue, request.id)).reason == "stop"
        assert pool.loaded == ["echo"]
    assert memory.most <= 10
    assert alone()


async def test_closing_the_pool_stops_a_load() -> None:
    queue, pool = LocalQueue(), Pool({"echo": Slow()})
    worker = Worker(queue, pool, flush=0.0)
    working = asyncio.create_task(worker.run())
    await queue.submit(a_request())
    await spin()
    await worker.drain(0)
    await working
    assert len(await queue.take("another", ["echo"], 1)) == 1
    await pool.close()
    assert alone()
