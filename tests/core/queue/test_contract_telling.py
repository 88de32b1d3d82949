"""What every queue tells bots and workers, and how requests end."""

import asyncio

import pytest

from madang.contract import End, Progress, Queue
from madang.errors import QueueClosed
from madang.testing import (
    a_request,
    end_of,
    ended,
    events_of,
    piece,
    serve_in_turn,
    spin,
    take_one,
    text_of,
)

# --- events ----------------------------------------------------------------------------------


async def test_events_can_be_read_late_and_twice(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    await queue.publish([piece(job, 0, "안녕")])
    reading = asyncio.create_task(events_of(queue, request.id))
    await spin()
    await queue.publish([piece(job, 2, "하세요")])
    await queue.finish(ended(job, "안녕하세요"))
    for events in (await reading, await events_of(queue, request.id)):
        assert text_of(events) == "안녕하세요"
        assert events[-1] == ended(job, "안녕하세요")
        assert [event for event in events if isinstance(event, End)] == events[-1:]


async def test_those_who_wait_are_told_how_they_move_up(queue: Queue) -> None:
    await queue.submit(a_request(user="first"))
    request = a_request(user="second")
    await queue.submit(request)
    events = queue.events(request.id)
    positions = []
    async for event in events:
        if isinstance(event, Progress):
            positions.append(event.position)
            await serve_in_turn(queue, 1)
    assert positions == [2, 1]


async def test_loading_is_told(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    loading = Progress(request=request.id, phase="loading", done=0.5, attempt=job.attempt)
    await queue.publish([loading])
    assert await anext(aiter(queue.events(request.id))) == loading


async def test_a_repeated_piece_is_told_once(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    await queue.publish([piece(job, 0, "안녕"), piece(job, 0, "안녕"), piece(job, 1, "녕하")])
    await queue.finish(ended(job, "안녕하"))
    assert text_of(await events_of(queue, request.id)) == "안녕하"


async def test_an_unknown_request_ends_at_once(queue: Queue) -> None:
    end = await end_of(queue, "nobody knows")
    assert end.problem is not None
    assert (end.reason, end.problem.code) == ("error", "worker_lost")


# --- fencing ---------------------------------------------------------------------------------


async def test_a_delivery_that_is_over_can_tell_and_end_nothing(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    late = await take_one(queue)
    await queue.publish([piece(late, 0, "이전")])
    await queue.release(request.id, late.attempt)
    assert not await queue.finish(ended(late))
    current = await take_one(queue)
    await queue.publish([piece(late, 0, "늦음"), piece(current, 0, "지금")])
    assert not await queue.finish(ended(late))
    assert await queue.finish(ended(current, "지금"))
    assert text_of(await events_of(queue, request.id)) == "지금"


async def test_a_request_ends_once(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    assert await queue.finish(ended(job, "하나"))
    assert await queue.finish(ended(job, "하나"))
    assert not await queue.finish(ended(job, "둘"))
    await queue.release(request.id, job.attempt)
    assert (await end_of(queue, request.id)).text == "하나"


async def test_what_was_lost_is_told(queue: Queue) -> None:
    await queue.submit(a_request())
    job = await take_one(queue)
    renewal = await queue.renew("worker", [job.request.id, "strange"])
    assert renewal.lost == {"strange"}


# --- cancelling ------------------------------------------------------------------------------


async def test_a_waiting_request_is_cancelled_at_once(queue: Queue) -> None:
    cancelled, other = a_request(), a_request()
    await queue.submit(cancelled)
    await queue.submit(other)
    await queue.cancel(cancelled.id)
    assert (await end_of(queue, cancelled.id)).reason == "cancelled"
    assert (await take_one(queue)).request == other


async def test_the_worker_learns_at_once_that_a_running_request_is_cancelled(queue: Queue) -> None:
    await queue.submit(a_request())
    job = await take_one(queue)
    renewing = asyncio.create_task(queue.renew("worker", [job.request.id]))
    await spin()
    assert not renewing.done()
    await queue.cancel(job.request.id)
    assert (await renewing).cancelled == {job.request.id}


async def test_a_cancel_between_two_renewals_is_not_missed(queue: Queue) -> None:
    await queue.submit(a_request())
    job = await take_one(queue)
    await queue.cancel(job.request.id)
    assert (await queue.renew("worker", [job.request.id])).cancelled == {job.request.id}


async def test_a_cancelled_request_is_not_taken_again_after_its_release(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    await queue.publish([piece(job, 0, "안")])
    await queue.cancel(request.id)
    await queue.release(request.id, job.attempt)
    end = await end_of(queue, request.id)
    assert (end.reason, end.text) == ("cancelled", "안")


async def test_cancelling_what_has_ended_or_never_was_does_nothing(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    await serve_in_turn(queue, 1)
    await queue.cancel(request.id)
    await queue.cancel("nobody knows")
    assert (await end_of(queue, request.id)).reason == "stop"


# --- deadlines and closing -------------------------------------------------------------------


async def test_nobody_starts_a_request_after_its_deadline(queue: Queue) -> None:
    overdue, other = a_request(deadline=1.0), a_request()
    await queue.submit(overdue)
    await queue.submit(other)
    assert (await take_one(queue)).request == other
    end = await end_of(queue, overdue.id)
    assert end.problem is not None
    assert end.problem.code == "worker_lost"


async def test_a_deadline_passes_without_any_worker(queue: Queue) -> None:
    assert (await end_of(queue, a_request(deadline=1.0))).reason == "error"


async def test_closing_ends_every_wait(queue: Queue) -> None:
    request = a_request(model="other")
    await queue.submit(request)
    waits = [
        asyncio.ensure_future(wait)
        for wait in (
            queue.take("worker", ["echo"], 1),
            queue.renew("worker", []),
            events_of(queue, request.id),
        )
    ]
    await spin()
    await queue.close()
    taken, _, read = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(taken, QueueClosed)
    assert isinstance(read, QueueClosed)
    with pytest.raises(QueueClosed):
        await queue.submit(a_request())


async def test_what_runs_may_finish_after_closing(queue: Queue) -> None:
    request = a_request()
    await queue.submit(request)
    job = await take_one(queue)
    await queue.close()
    assert await queue.finish(ended(job))
    assert await end_of(queue, request.id) == ended(job)
