"""Whatever is asked of them in whatever order, the local queue and this one do the same."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.contract import Job, Queue, RequestClass
from madang.queue import LocalQueue
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, end_of, ended

Act = tuple[Literal["submit", "take", "finish", "release", "cancel"], int, int]
MODELS = ("echo", "other")
CLASSES: Sequence[RequestClass] = ("interactive", "background")
WAITING, WAITING_PER_USER = 6, 3

acts = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "take", "finish", "release", "cancel"]),
        st.integers(0, 11),
        st.integers(1, 3),
    ),
    max_size=40,
)


class Walk:
    """Do what was drawn on one queue and write down all answers."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.waiting: dict[str, str] = {}
        self.running: list[Job] = []
        self.seen: list[object] = []

    async def step(self, number: int, act: Act) -> None:
        """Do one thing, if there is anything to do it to."""
        what, choice, slots = act
        match what:
            case "submit":
                await self.submit(number, choice)
            case "take":
                await self.take(slots)
            case "finish" if self.running:
                job = self.running.pop(choice % len(self.running))
                self.seen.append(await self.queue.finish(ended(job)))
                self.seen.append(await end_of(self.queue, job.request.id))
            case "release" if self.running:
                job = self.running.pop(choice % len(self.running))
                await self.queue.release(job.request.id, job.attempt)
                self.waiting[job.request.id] = job.request.model
            case "cancel" if self.waiting:
                request = sorted(self.waiting)[choice % len(self.waiting)]
                del self.waiting[request]
                await self.queue.cancel(request)
                self.seen.append((await end_of(self.queue, request)).reason)

    async def submit(self, number: int, choice: int) -> None:
        """Submit as one of three people, in one of their conversations."""
        request = a_request(
            id=f"{number:03}",
            user=f"user-{choice % 3}",
            conversation=f"conversation-{choice}",
            model=MODELS[choice % 2],
            request_class=CLASSES[choice // 2 % 2],
        )
        answer = await self.queue.submit(request)
        self.seen.append((answer.admission, answer.position))
        if answer.admission == "ok":
            self.waiting[request.id] = request.model

    async def take(self, slots: int) -> None:
        """Take for both models, if anything waits."""
        jobs = await self.queue.take("worker", MODELS, slots if self.waiting else 0)
        self.seen += [(job.request.id, job.attempt) for job in jobs]
        self.running += jobs
        for job in jobs:
            del self.waiting[job.request.id]


async def walk(queue: Queue, drawn: Sequence[Act]) -> Sequence[object]:
    walked = Walk(queue)
    try:
        for number, act in enumerate(drawn):
            await walked.step(number, act)
    finally:
        await queue.close()
    return walked.seen


@settings(max_examples=60)
@given(drawn=acts)
def test_both_queues_give_the_same_answers(redis_url: str, drawn: list[Act]) -> None:
    terms = Terms(
        namespace=uuid.uuid4().hex,
        lease=60,
        max_waiting=WAITING,
        max_waiting_per_user=WAITING_PER_USER,
    )

    async def both() -> tuple[Sequence[object], Sequence[object]]:
        queue = RedisQueue(redis_url, terms=terms, watch_seconds=60)
        local = LocalQueue(max_waiting=WAITING, max_waiting_per_user=WAITING_PER_USER)
        return await walk(local, drawn), await walk(queue, drawn)

    local, other = asyncio.run(both())
    assert local == other
