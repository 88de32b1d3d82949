"""How requests are timed, with answers that come at once."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.bench.queue.asking import (
    LEAST,
    PAYLOAD_BYTES,
    answer_to,
    at_once,
    blocking_bot,
    next_payload,
    one_by_one,
)
from madang.bench.queue.messages import Job, Order, Reply, read, write


async def at_the_next_turn(payload: str, in_flight: int) -> str:
    await asyncio.sleep(0)
    return answer_to(payload)


def test_a_request_has_a_kilobyte_and_an_answer_of_its_own() -> None:
    first, second = next_payload(), next_payload()
    assert len(first) == len(second) == PAYLOAD_BYTES == 1024
    assert answer_to(first) != answer_to(second)


async def test_so_many_are_in_flight_as_were_asked_for() -> None:
    flying, most = 0, 0

    async def ask(payload: str, in_flight: int) -> str:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        answer = await at_the_next_turn(payload, in_flight)
        flying -= 1
        return answer

    reply = await at_once(ask, 0.01, 7)
    assert most == 7
    assert reply.count >= 7
    assert reply.seconds >= 0.01


async def test_every_round_trip_is_timed() -> None:
    reply = await one_by_one(at_the_next_turn, 0.0)
    assert len(reply.times) == reply.count == LEAST
    assert min(reply.times) > 0


async def test_the_answer_of_another_request_is_refused() -> None:
    async def ask(payload: str, in_flight: int) -> str:
        return answer_to(next_payload())

    with pytest.raises(RuntimeError, match="was answered with"):
        await one_by_one(ask, 0.0)


def test_who_blocks_keeps_as_many_in_flight_and_collects_the_oldest_first() -> None:
    flying: list[str] = []
    most = 0

    def send(payload: str) -> str:
        nonlocal most
        flying.append(payload)
        most = max(most, len(flying))
        return payload

    def collect(sent: str) -> str:
        assert sent == flying.pop(0)
        return answer_to(sent)

    bot = blocking_bot(send, collect, 5)
    assert bot(Order(what="at_once", seconds=0.01)).count >= 5
    assert most == 5
    assert len(bot(Order(what="one_by_one")).times) == LEAST
    assert flying == []


@given(
    count=st.integers(0, 10**9), times=st.lists(st.floats(0, 10**6)), problem=st.text(max_size=50)
)
def test_messages_come_back_as_they_were_written(
    count: int, times: list[float], problem: str
) -> None:
    reply = Reply(count=count, times=times, problem=problem, versions={"redis": "8.1.0"})
    assert read(write(reply), Reply) == reply
    job = Job(role="worker", url=problem, namespace="n", in_flight=count)
    assert read(write(job), Job) == job
