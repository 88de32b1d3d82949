"""dramatiq with its Redis broker and result backend: threads, and workers that poll."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from madang.bench.queue.asking import PATIENCE, Bot, answer_to, blocking_bot
from madang.bench.queue.messages import Job

IDLE_MS = 2
"""How long an idle worker waits at most before it asks again; with 1 it would not wait at all."""
THREADS = 4
"""The fastest of 1 to 16 with requests that do nothing."""


@contextmanager
def open_bot(job: Job) -> Iterator[Bot]:
    """Connect the side that asks."""
    broker, actor = _actor(job)

    def collect(sent: Any) -> str:
        return str(sent.get_result(block=True, timeout=int(PATIENCE * 1000)))

    yield blocking_bot(actor.send, collect, job.in_flight)
    broker.close()


def serve(job: Job, ready: Callable[[], None]) -> None:
    """Answer until the process is ended."""
    broker, _ = _actor(job)
    tuned = {"worker_timeout": IDLE_MS, "worker_threads": THREADS} if job.tuned else {}
    import_module("dramatiq").Worker(broker, **tuned).start()
    ready()
    threading.Event().wait()


def answer(payload: str) -> str:
    """Answer one request."""
    return answer_to(payload)


def _actor(job: Job) -> tuple[Any, Any]:
    library = import_module("dramatiq")
    brokers, results = import_module("dramatiq.brokers.redis"), import_module("dramatiq.results")
    backends = import_module("dramatiq.results.backends.redis")
    broker = brokers.RedisBroker(url=job.url, namespace=job.namespace)
    broker.add_middleware(results.Results(backend=backends.RedisBackend(url=job.url)))
    library.set_broker(broker)
    return broker, library.actor(answer, broker=broker, store_results=True)
