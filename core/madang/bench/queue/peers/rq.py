"""rq: one job after another, with results in streams that can be waited for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from madang.bench.queue.asking import PATIENCE, Bot, answer_to, blocking_bot
from madang.bench.queue.messages import Job


@contextmanager
def open_bot(job: Job) -> Iterator[Bot]:
    """Connect the side that asks."""
    queue = _queue(job)

    def send(payload: str) -> Any:
        return queue.enqueue(answer, payload)

    def collect(sent: Any) -> str:
        result = sent.latest_result(timeout=int(PATIENCE))
        return str(result and result.return_value)

    yield blocking_bot(send, collect, job.in_flight)
    queue.connection.close()


def serve(job: Job, ready: Callable[[], None]) -> None:
    """Answer until the process is ended."""
    library, queue = import_module("rq"), _queue(job)
    kind = library.SimpleWorker if job.tuned else library.Worker
    worker = kind([queue], connection=queue.connection, name=f"{job.namespace}-worker")
    ready()
    worker.work(logging_level="WARNING")


def answer(payload: str) -> str:
    """Answer one request."""
    return answer_to(payload)


def _queue(job: Job) -> Any:
    connection = import_module("redis").Redis.from_url(job.url)
    return import_module("rq").Queue(job.namespace, connection=connection)
