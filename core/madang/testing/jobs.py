"""A worker's moves one at a time, for tests of queues."""

import asyncio
from collections.abc import Sequence

from madang.contract import End, Event, Job, Piece, Progress, Queue, Request


async def take_one(queue: Queue, model: str = "echo") -> Job:
    """Take one job of a model."""
    (job,) = await queue.take("worker", [model], 1)
    return job


async def serve_in_turn(queue: Queue, count: int, model: str = "echo") -> list[Request]:
    """Take and finish jobs one after the other; return their requests in that order."""
    served = []
    for _ in range(count):
        job = await take_one(queue, model)
        served.append(job.request)
        await queue.finish(ended(job))
    return served


def ended(job: Job, text: str = "안녕") -> End:
    """Make the end of a job that went well."""
    return End(request=job.request.id, text=text, reason="stop", attempt=job.attempt)


def piece(job: Job, offset: int, text: str) -> Piece:
    """Make a piece of a job's answer."""
    return Piece(request=job.request.id, offset=offset, text=text, attempt=job.attempt)


def loading(job: Job, done: float) -> Progress:
    """Make the progress of a job whose model loads."""
    return Progress(request=job.request.id, phase="loading", done=done, attempt=job.attempt)


def text_of(events: Sequence[Event]) -> str:
    """Join the pieces among events."""
    return "".join(event.text for event in events if isinstance(event, Piece))


async def spin() -> None:
    """Let every task run until it waits for something else than its turn."""
    for _ in range(10):
        await asyncio.sleep(0)
