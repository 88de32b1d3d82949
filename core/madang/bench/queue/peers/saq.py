"""saq: asyncio, with jobs in lists and news of them by publish and subscribe."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from importlib import import_module
from typing import Any

from madang.bench.queue.asking import PATIENCE, Ask, Bot, answer_to, waiting_bot
from madang.bench.queue.messages import Job

NEWS_SECONDS = 0.1
"""When to look by oneself: news that comes between looking and listening is missed."""


def open_bot(job: Job) -> AbstractContextManager[Bot]:
    """Connect the side that asks."""
    return waiting_bot(_opened(job), job.in_flight)


@asynccontextmanager
async def _opened(job: Job) -> AsyncIterator[Ask]:
    queue = _queue(job)
    await queue.connect()
    # While somebody listens the subscription stays, so that no request has to begin it.
    listening = asyncio.create_task(queue.listen(["-"], lambda *_: False, timeout=None))

    async def ask(payload: str, in_flight: int) -> str:
        task = await queue.enqueue("answer", payload=payload)
        begun = time.monotonic()
        while not task.completed and time.monotonic() - begun < PATIENCE:
            with suppress(asyncio.TimeoutError):
                await task.refresh(NEWS_SECONDS)
        return str(task.result)

    async def ask_as_shipped(payload: str, in_flight: int) -> str:
        return str(await queue.apply("answer", timeout=PATIENCE, payload=payload))

    yield ask if job.tuned else ask_as_shipped
    listening.cancel()
    await asyncio.wait({listening})
    await queue.disconnect()


def serve(job: Job, ready: Callable[[], None]) -> None:
    """Answer until the process is ended."""
    asyncio.run(_serve(job, ready))


async def _serve(job: Job, ready: Callable[[], None]) -> None:
    tuned = {"concurrency": job.in_flight} if job.tuned else {}
    queue = _queue(job)
    await queue.connect()
    worker = import_module("saq").Worker(queue, [("answer", answer)], **tuned)
    ready()
    await worker.start()


async def answer(context: Any, *, payload: str) -> str:
    """Answer one request."""
    return answer_to(payload)


def _queue(job: Job) -> Any:
    tuned = {"max_concurrent_ops": job.in_flight} if job.tuned else {}
    return import_module("saq").Queue.from_url(job.url, name=job.namespace, **tuned)
