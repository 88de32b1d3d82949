"""Requests that are answered: whole, in pieces, side by side, and fairly."""

import asyncio

from madang.contract import (
    End,
    Model,
    Piece,
    Sampling,
)
from madang.queue import LocalQueue
from madang.testing import (
    EchoBackend,
    HeldBackend,
    a_prompt,
    a_request,
    end_of,
    serving,
    spin,
    text_of,
)


def alone() -> bool:
    """Say whether the test's own task is the only one."""
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_answer_arrives_whole_with_its_usage() -> None:
    async with serving({"echo": EchoBackend()}) as queue:
        end = await end_of(queue, a_request("안녕하세요"))
    assert (end.text, end.reason) == ("안녕하세요", "stop")
    assert (end.usage.prompt, end.usage.output) == (5, 5)
    assert alone()


async def test_pieces_come_while_the_answer_grows() -> None:
    backend = HeldBackend(hold_after=3)
    async with serving({"echo": backend}) as queue:
        request = a_request("안녕하세요")
        await queue.submit(request)
        events = []
        async for event in queue.events(request.id):
            events.append(event)
            if text_of(events) == "안녕하":
                backend.go.set()
    assert len([event for event in events if isinstance(event, Piece)]) >= 2
    assert isinstance(events[-1], End)


async def test_the_limit_of_tokens_and_stop_strings_hold() -> None:
    async with serving({"echo": EchoBackend()}) as queue:
        short = await end_of(queue, a_request("안녕하세요", sampling=Sampling(max_new_tokens=2)))
        stopped = await end_of(queue, a_request("안녕. 끝", sampling=Sampling(stop=(".",))))
    assert (short.text, short.reason) == ("안녕", "length")
    assert (stopped.text, stopped.reason) == ("안녕", "stop")


async def test_many_requests_share_few_slots() -> None:
    backend = EchoBackend(slots=2)
    async with serving({"echo": backend}, LocalQueue(max_waiting_per_user=100)) as queue:
        questions = [f"질문 {number}" for number in range(50)]
        ends = await asyncio.gather(*(end_of(queue, a_request(q)) for q in questions))
    assert [end.text for end in ends] == questions
    assert alone()


async def test_no_more_run_at_once_than_there_are_slots() -> None:
    backend = HeldBackend(slots=2, hold_after=0)
    async with serving({"echo": backend}) as queue:
        ends = [asyncio.create_task(end_of(queue, a_request())) for _ in range(5)]
        await backend.held.wait()
        await spin()
        assert len(backend.answered) == 2
        backend.go.set()
        await asyncio.gather(*ends)
    assert len(backend.answered) == 5


async def test_models_that_share_a_backend_share_its_slots() -> None:
    backend = HeldBackend(slots=2, hold_after=0)
    async with serving({"one": backend, "other": backend}) as queue:
        requests = [a_request(model=model) for model in ("one", "other") * 2]
        ends = [asyncio.create_task(end_of(queue, request)) for request in requests]
        await backend.held.wait()
        await spin()
        assert len(backend.answered) == 2
        backend.go.set()
        await asyncio.gather(*ends)
    assert {request.model for request in backend.answered} == {"one", "other"}


async def test_one_person_does_not_hold_up_the_others() -> None:
    backend = HeldBackend(slots=4, hold_after=0)
    queue = LocalQueue(max_waiting=300, max_waiting_per_user=300)
    async with serving({"echo": backend}, queue):
        requests = [a_request(user="flood") for _ in range(200)]
        requests += [a_request(user=f"user-{number % 5}") for number in range(25)]
        for request in requests:
            await queue.submit(request)
        backend.go.set()
        await asyncio.gather(*(end_of(queue, request.id) for request in requests))
    users = [request.user for request in backend.answered]
    assert max(place for place, user in enumerate(users, 1) if user != "flood") <= 60


async def test_the_oldest_exchanges_go_when_the_context_is_full() -> None:
    backend = EchoBackend(model=Model(context=100))
    prompt = a_prompt("질문", head="머리", history=[("가" * 10, "나" * 10)] * 8)
    async with serving({"echo": backend}) as queue:
        request = a_request(prompt=prompt, sampling=Sampling(max_new_tokens=20))
        assert (await end_of(queue, request)).text == "질문"
    (answered,) = backend.answered
    assert len(answered.prompt.text) + answered.sampling.max_new_tokens <= 100
    assert answered.prompt.segments[0] == prompt.segments[0]
    assert answered.prompt.segments[-5:] == prompt.segments[-5:]
