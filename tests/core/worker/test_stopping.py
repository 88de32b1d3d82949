"""Answers and workers that are stopped."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Collection

from madang.contract import (
    Output,
    Piece,
    Queue,
    Renewal,
    Request,
)
from madang.queue import LocalQueue
from madang.testing import (
    EchoBackend,
    HeldBackend,
    a_request,
    end_of,
    serving,
    spin,
)
from madang.worker import Pool, Worker


def alone() -> bool:
    """Say whether the test's own task is the only one."""
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_cancelled_answer_ends_with_the_text_so_far() -> None:
    backend = HeldBackend(hold_after=2)
    async with serving({"echo": backend}) as queue:
        request = a_request("안녕하세요")
        await queue.submit(request)
        await backend.held.wait()
        await queue.cancel(request.id)
        end = await end_of(queue, request.id)
        assert (end.text, end.reason) == ("안녕", "cancelled")
        assert backend.closed == [request.id]
        backend.go.set()
        assert (await end_of(queue, a_request())).reason == "stop"
    assert alone()


async def test_draining_finishes_what_runs_and_leaves_the_rest() -> None:
    backend = HeldBackend(slots=1)
    queue = LocalQueue()
    worker = Worker(queue, Pool({"echo": backend}), flush=0.0)
    working = asyncio.create_task(worker.run())
    running, waiting = a_request("하나"), a_request("둘")
    await queue.submit(running)
    await queue.submit(waiting)
    await backend.held.wait()
    draining = asyncio.create_task(worker.drain())
    await spin()
    assert not draining.done()
    backend.go.set()
    await draining
    await working
    assert (await end_of(queue, running.id)).text == "하나"
    (job,) = await queue.take("another", ["echo"], 1)
    assert job.request == waiting
    assert alone()


async def test_what_does_not_finish_in_time_is_given_back() -> None:
    backend = HeldBackend()
    queue = LocalQueue()
    worker = Worker(queue, Pool({"echo": backend}), flush=0.0)
    working = asyncio.create_task(worker.run())
    request = a_request()
    await queue.submit(request)
    await backend.held.wait()
    await worker.drain(0)
    await working
    async with serving({"echo": EchoBackend()}, queue):
        end = await end_of(queue, request.id)
    assert (end.text, end.attempt) == ("안녕", 2)


async def test_closing_the_queue_stops_the_worker() -> None:
    backend = HeldBackend()
    queue = LocalQueue()
    working = asyncio.create_task(Worker(queue, Pool({"echo": backend})).run())
    request = a_request()
    await queue.submit(request)
    await backend.held.wait()
    await queue.close()
    await working
    assert backend.closed == [request.id]
    assert alone()


async def test_a_cancelled_worker_gives_back_what_runs() -> None:
    backend = HeldBackend()
    queue = LocalQueue()
    working = asyncio.create_task(Worker(queue, Pool({"echo": backend})).run())
    request = a_request()
    await queue.submit(request)
    await backend.held.wait()
    working.cancel()
    await asyncio.wait({working})
    (job,) = await queue.take("another", ["echo"], 1)
    assert (job.request, job.attempt) == (request, 2)
    assert alone()


class Careless(EchoBackend):
    """Take a cancellation for the end of the answer."""

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Swallow what must not be swallowed."""
        with contextlib.suppress(asyncio.CancelledError):
            yield Output(text="안")
            await asyncio.Event().wait()


async def test_a_backend_that_swallows_its_cancellation_is_cancelled_all_the_same() -> None:
    async with serving({"echo": Careless()}) as queue:
        request = a_request()
        await queue.submit(request)
        events = [event async for event in first_piece(queue, request)]
        await queue.cancel(request.id)
        end = await end_of(queue, request.id)
    assert (end.text, end.reason, len(events)) == ("안", "cancelled", 1)


async def first_piece(queue: Queue, request: Request) -> AsyncIterator[Piece]:
    """Stream the first piece of a request and nothing else."""
    async for event in queue.events(request.id):
        if isinstance(event, Piece):
            yield event
            return


class Forgetful(LocalQueue):
    """Tell the worker that it lost what it runs."""

    async def renew(self, worker: str, requests: Collection[str]) -> Renewal:
        """Call everything lost."""
        renewal = await super().renew(worker, requests)
        return Renewal(lost=renewal.cancelled)


async def test_a_lost_answer_is_neither_ended_nor_given_back() -> None:
    backend = HeldBackend(slots=1)
    queue = Forgetful()
    async with serving({"echo": backend}, queue):
        lost, other = a_request(), a_request()
        await queue.submit(lost)
        await queue.submit(other)
        await backend.held.wait()
        await queue.cancel(lost.id)
        backend.held.clear()
        await backend.held.wait()
        assert backend.closed == [lost.id]
        assert [event.text async for event in first_piece(queue, lost)] == ["안"]
        backend.go.set()
        assert (await end_of(queue, other.id)).reason == "stop"


async def test_draining_a_worker_that_does_not_run_returns_at_once() -> None:
    worker = Worker(LocalQueue(), Pool({"echo": EchoBackend()}))
    await worker.drain()
    await worker.run()


async def test_a_model_is_loaded_when_it_is_asked_for() -> None:
    asked, unasked = EchoBackend(), EchoBackend()
    async with serving({"echo": asked, "other": unasked}) as queue:
        await end_of(queue, a_request())
        assert asked.loaded
        assert not unasked.loaded


async def test_a_request_that_comes_back_while_its_lost_delivery_still_runs_is_answered() -> None:
    backend = HeldBackend(slots=2)
    async with serving({"echo": backend}) as queue:
        request = a_request("안녕")
        await queue.submit(request)
        await backend.held.wait()
        backend.held.clear()
        await queue.release(request.id, 1)  # as when the worker's lease has run out
        await backend.held.wait()
        backend.go.set()
        end = await end_of(queue, request.id)
        assert (end.text, end.reason, end.attempt) == ("안녕", "stop", 2)
        assert backend.closed == [request.id]
        assert (await end_of(queue, a_request())).reason == "stop"
    assert alone()
