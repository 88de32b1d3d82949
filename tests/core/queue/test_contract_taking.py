"""What every queue admits, refuses and hands out, and in which order."""

import asyncio
from collections.abc import Callable

from madang.contract import Job, Queue, RequestClass
from madang.testing import (
    a_request,
    ended,
    piece,
    serve_in_turn,
    spin,
    take_one,
    text_of,
)

MakeQueue = Callable[..., Queue]


# --- submitting and taking -------------------------------------------------------------------


async def test_a_request_travels_from_bot_to_worker_and_back(queue: Queue) -> None:
    request = a_request()
    submitted = await queue.submit(request)
    assert (submitted.admission, submitted.position) == ("ok", 1)
    job = await take_one(queue)
    assert job == Job(request=request, attempt=1)
    await queue.publish([piece(job, 0, "안"), piece(job, 1, "녕")])
    assert await queue.finish(ended(job))
    events = [event async for event in queue.events(request.id)]
    assert text_of(events) == "안녕"
    assert events[-1] == ended(job)


async def test_positions_count_what_waits_for_the_same_model(queue: Queue) -> None:
    answers = [await queue.submit(a_request(user=f"user-{n}")) for n in range(3)]
    assert [answer.position for answer in answers] == [1, 2, 3]
    assert (await queue.submit(a_request(model="other"))).position == 1


async def test_take_waits_until_there_is_work_for_its_models(queue: Queue) -> None:
    taking = asyncio.create_task(queue.take("worker", ["echo"], 1))
    await queue.submit(a_request(model="other"))
    await spin()
    assert not taking.done()
    request = a_request()
    await queue.submit(request)
    assert [job.request for job in await taking] == [request]


async def test_take_gives_no_more_than_the_slots(queue: Queue) -> None:
    for _ in range(5):
        await queue.submit(a_request())
    assert len(await queue.take("worker", ["echo"], 3)) == 3
    assert len(await queue.take("worker", ["echo"], 3)) == 2


async def test_a_cancelled_take_loses_no_work(queue: Queue) -> None:
    taking = asyncio.create_task(queue.take("worker", ["echo"], 1))
    await spin()
    request = a_request()
    await queue.submit(request)
    taking.cancel()
    await asyncio.wait({taking})
    assert (await take_one(queue)).request == request


async def test_the_same_submission_again_gets_the_same_answer(queue: Queue) -> None:
    await queue.submit(a_request())
    request = a_request()
    first = await queue.submit(request)
    await take_one(queue)
    assert await queue.submit(request) == first
    assert len(await serve_in_turn(queue, 1)) == 1
    assert await queue.submit(request) == first


async def test_an_ended_id_with_a_new_nonce_is_a_new_request(queue: Queue) -> None:
    await queue.submit(a_request(id="one", nonce="first"))
    await serve_in_turn(queue, 1)
    again = a_request(id="one", nonce="second")
    assert (await queue.submit(again)).admission == "ok"
    assert (await take_one(queue)).request == again


# --- refusing --------------------------------------------------------------------------------


async def test_a_conversation_has_one_active_request(queue: Queue) -> None:
    await queue.submit(a_request(id="one", conversation="here"))
    second = a_request(id="two", conversation="here")
    assert (await queue.submit(second)).admission == "conversation_busy"
    job = await take_one(queue)
    assert (await queue.submit(second)).admission == "conversation_busy"
    await queue.finish(ended(job))
    assert (await queue.submit(second)).admission == "ok"


async def test_one_person_has_so_many_waiting(make_queue: MakeQueue) -> None:
    queue = make_queue(max_waiting=10, max_waiting_per_user=2)
    for _ in range(2):
        assert (await queue.submit(a_request())).admission == "ok"
    assert (await queue.submit(a_request())).admission == "user_busy"
    assert (await queue.submit(a_request(user="somebody else"))).admission == "ok"
    await serve_in_turn(queue, 1)
    assert (await queue.submit(a_request())).admission == "ok"
    await queue.close()


async def test_everybody_has_so_many_waiting(make_queue: MakeQueue) -> None:
    queue = make_queue(max_waiting=2, max_waiting_per_user=2)
    for number in range(2):
        await queue.submit(a_request(user=f"user-{number}"))
    refused = await queue.submit(a_request(user="late"))
    assert (refused.admission, refused.position) == ("busy", 3)
    await queue.close()


# --- order -----------------------------------------------------------------------------------


async def test_a_flood_of_one_person_does_not_hold_up_the_others(queue: Queue) -> None:
    for _ in range(200):
        await queue.submit(a_request(user="flood"))
    for number in range(25):
        await queue.submit(a_request(user=f"user-{number % 5}"))
    served = await serve_in_turn(queue, 225)
    last = max(place for place, request in enumerate(served, 1) if request.user != "flood")
    assert last <= 60
    assert len({request.id for request in served}) == 225


async def test_chat_goes_before_background_before_bulk(queue: Queue) -> None:
    kinds: list[RequestClass] = ["bulk", "background", "interactive"]
    for kind in kinds:
        await queue.submit(a_request(request_class=kind))
    assert [request.request_class for request in await serve_in_turn(queue, 3)] == kinds[::-1]


async def test_bulk_gets_one_take_in_sixteen_while_chat_waits(queue: Queue) -> None:
    for _ in range(40):
        await queue.submit(a_request(request_class="interactive"))
        await queue.submit(a_request(request_class="bulk"))
    served = [request.request_class for request in await serve_in_turn(queue, 32)]
    assert served.count("bulk") == 2


async def test_bulk_gets_half_of_the_slots_while_people_chat(queue: Queue) -> None:
    await queue.submit(a_request())
    for _ in range(8):
        await queue.submit(a_request(request_class="bulk"))
    jobs = await queue.take("worker", ["echo"], 8)
    kinds = [job.request.request_class for job in jobs]
    assert kinds == ["interactive", *["bulk"] * 4]
    taking = asyncio.create_task(queue.take("worker", ["echo"], 3))
    await spin()
    assert not taking.done()
    taking.cancel()
    await asyncio.wait({taking})
    await queue.finish(ended(jobs[-1]))
    (after,) = await queue.take("worker", ["echo"], 4)
    assert after.request.request_class == "bulk"


async def test_one_slot_is_enough_for_bulk_and_chat(queue: Queue) -> None:
    await queue.submit(a_request(request_class="bulk"))
    await queue.submit(a_request())
    served = [request.request_class for request in await serve_in_turn(queue, 2)]
    assert served == ["interactive", "bulk"]


async def test_bulk_gets_all_slots_where_nobody_chats(queue: Queue) -> None:
    await queue.submit(a_request(model="other"))
    for _ in range(4):
        await queue.submit(a_request(request_class="bulk"))
    assert len(await queue.take("worker", ["echo"], 4)) == 4


async def test_a_released_request_is_taken_next_with_a_new_attempt(queue: Queue) -> None:
    first, second = a_request(), a_request()
    await queue.submit(first)
    await queue.submit(second)
    job = await take_one(queue)
    await queue.release(job.request.id, job.attempt)
    again = await take_one(queue)
    assert again.request == first
    assert again.attempt > job.attempt
