"""What only the local queue does: its clock, its estimates, and what it keeps."""

import asyncio

import pytest

from madang.contract import End, Progress
from madang.queue import LocalQueue, share
from madang.queue.entries import ENDED_KEPT
from madang.queue.share import RECENT_SECONDS
from madang.testing import a_request, end_of, ended, loading, piece, spin, take_one


class Clock:
    """Tell the time that a test sets."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        """Return the time, later by a step each time."""
        self.now += self.step
        return self.now


async def test_the_wait_is_estimated_from_what_was_served() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    first = await queue.submit(a_request(deadline=1000))
    job = await take_one(queue)
    clock.now = 4.0
    await queue.finish(ended(job))
    idle = await queue.submit(a_request(deadline=1000))
    await take_one(queue)
    behind = await queue.submit(a_request(deadline=1000))
    assert (first.eta, idle.eta, behind.eta) == (None, 0.0, 4.0)
    await queue.close()


async def test_a_cancelled_answer_teaches_nothing_about_the_pace() -> None:
    queue = LocalQueue(clock=Clock())
    request = a_request(deadline=1000)
    await queue.submit(request)
    await take_one(queue)
    await queue.finish(End(request=request.id, text="", reason="cancelled"))
    assert (await queue.submit(a_request(deadline=1000))).eta is None
    await queue.close()


async def test_the_deadline_stands_while_the_model_loads() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    await queue.submit(a_request(deadline=10))
    waiting = a_request(deadline=10)
    await queue.submit(waiting)
    job = await take_one(queue)
    clock.now = 5.0
    await queue.publish([loading(job, 0.1)])
    clock.now = 300.0
    await queue.publish([loading(job, 1.0)])
    clock.now = 304.0
    assert (await take_one(queue)).request == waiting
    await queue.close()


async def test_the_deadline_stands_also_when_one_of_those_who_wait_for_the_load_leaves() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    for _ in range(2):
        await queue.submit(a_request(deadline=10))
    waiting = a_request(deadline=10)
    await queue.submit(waiting)
    leaving, staying = await queue.take("worker", ["echo"], 2)
    await queue.publish([loading(leaving, 0.1), loading(staying, 0.1)])
    await queue.finish(ended(leaving))
    clock.now = 300.0
    await queue.finish(ended(staying))
    assert (await take_one(queue)).request == waiting
    await queue.close()


async def test_free_slots_shorten_the_wait() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    await queue.submit(a_request(deadline=1000))
    (job,) = await queue.take("worker", ["echo"], 2)
    clock.now = 6.0
    await queue.finish(ended(job))
    etas = [(await queue.submit(a_request(deadline=1000))).eta for _ in range(4)]
    assert etas == [0.0, 0.0, 3.0, 6.0]
    await queue.close()


async def test_the_deadline_goes_on_after_the_load() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    await queue.submit(a_request(deadline=10))
    waiting = a_request(deadline=10)
    await queue.submit(waiting)
    job = await take_one(queue)
    await queue.publish([loading(job, 0.1)])
    clock.now = 300.0
    await queue.finish(ended(job))
    clock.now = 311.0
    assert await queue.take("worker", ["echo"], 0) == []
    taking = asyncio.create_task(queue.take("worker", ["echo"], 1))
    assert (await end_of(queue, waiting.id)).reason == "error"
    taking.cancel()


async def test_a_timer_that_fires_early_waits_on() -> None:
    queue = LocalQueue(clock=Clock(step=1e-6))
    assert (await end_of(queue, a_request(deadline=1e-4))).reason == "error"


async def test_the_ends_of_the_last_requests_are_kept() -> None:
    queue = LocalQueue()
    for number in range(ENDED_KEPT + 1):
        await queue.submit(a_request(id=f"request {number}"))
        await queue.finish(ended(await take_one(queue)))
    forgotten = await end_of(queue, "request 0")
    kept = await end_of(queue, "request 1")
    assert (forgotten.reason, kept.reason) == ("error", "stop")


async def test_an_impatient_renewal_returns_with_nothing_to_tell() -> None:
    queue = LocalQueue(renew_seconds=0.0)
    renewal = await queue.renew("worker", [])
    assert not renewal.cancelled
    assert not renewal.lost


async def test_a_slow_reader_gets_what_it_missed_in_one_piece() -> None:
    queue = LocalQueue()
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    events = queue.events(request.id)
    for offset, text in enumerate("안녕하세요"):
        await queue.publish([piece(job, offset, text)])
    assert await anext(events) == piece(job, 0, "안녕하세요")
    await queue.close()


async def test_the_places_of_many_moves_are_told_once() -> None:
    queue = LocalQueue(max_waiting_per_user=100)
    requests = [a_request() for _ in range(50)]
    for request in requests:
        await queue.submit(request)
    await queue.take("worker", ["echo"], 40)
    event = await anext(queue.events(requests[45].id))
    assert isinstance(event, Progress)
    assert event.position == 6
    await queue.close()


async def test_bulk_gets_all_slots_a_minute_after_the_last_chat() -> None:
    clock = Clock()
    queue = LocalQueue(clock=clock)
    await queue.submit(a_request(deadline=1000))
    for _ in range(4):
        await queue.submit(a_request(request_class="bulk", deadline=1000))
    assert len(await queue.take("worker", ["echo"], 4)) == 3
    assert await queue.take("another", ["echo"], 0) == []
    clock.now = RECENT_SECONDS
    assert len(await queue.take("worker", ["echo"], 4)) == 2
    await queue.close()


async def test_a_take_that_holds_bulk_back_goes_on_when_some_of_it_ends() -> None:
    queue = LocalQueue()
    await queue.submit(a_request())
    for _ in range(2):
        await queue.submit(a_request(request_class="bulk"))
    _, bulk = await queue.take("worker", ["echo"], 3)
    taking = asyncio.create_task(queue.take("worker", ["echo"], 1))
    await spin()
    assert not taking.done()
    await queue.finish(ended(bulk))
    assert [job.request.request_class for job in await taking] == ["bulk"]
    await queue.close()


async def test_a_take_that_holds_bulk_back_wakes_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(share, "RECENT_SECONDS", 0.05)
    queue = LocalQueue()
    await queue.submit(a_request())
    for _ in range(2):
        await queue.submit(a_request(request_class="bulk"))
    assert len(await queue.take("worker", ["echo"], 2)) == 2
    assert len(await queue.take("worker", ["echo"], 1)) == 1
    await queue.close()
