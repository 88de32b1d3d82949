"""taskiq with the stream broker and the result backend of taskiq-redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from importlib import import_module
from typing import Any

from madang.bench.queue.asking import PATIENCE, Ask, Bot, answer_to, waiting_bot
from madang.bench.queue.messages import Job

ALONE_SECONDS, TOGETHER_SECONDS = 0.001, 0.01
"""How often to ask for a result: asking every millisecond for many keeps the answers back."""


def open_bot(job: Job) -> AbstractContextManager[Bot]:
    """Connect the side that asks."""
    return waiting_bot(_opened(job), job.in_flight)


@asynccontextmanager
async def _opened(job: Job) -> AsyncIterator[Ask]:
    broker, task = _task(job)
    await broker.startup()

    async def ask(payload: str, in_flight: int) -> str:
        interval = ALONE_SECONDS if in_flight == 1 else TOGETHER_SECONDS
        every = {"check_interval": interval} if job.tuned else {}
        sent = await task.kiq(payload)
        result = await sent.wait_result(timeout=PATIENCE, **every)
        return str(result.return_value)

    yield ask
    await broker.shutdown()


def serve(job: Job, ready: Callable[[], None]) -> None:
    """Answer until the process is ended."""
    asyncio.run(_serve(job, ready))


async def _serve(job: Job, ready: Callable[[], None]) -> None:
    broker, _ = _task(job)
    broker.is_worker_process = True
    # The group of readers has to be there before the first request.
    await broker.startup()
    ready()
    await import_module("taskiq.api").run_receiver_task(broker)


async def answer(payload: str) -> str:
    """Answer one request."""
    return answer_to(payload)


def _task(job: Job) -> tuple[Any, Any]:
    library = import_module("taskiq_redis")
    results = library.RedisAsyncResultBackend(job.url, keep_results=False)
    broker = library.RedisStreamBroker(job.url, queue_name=job.namespace)
    broker = broker.with_result_backend(results)
    return broker, broker.task(task_name="answer")(answer)
