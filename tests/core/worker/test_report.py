"""What a worker says of itself, and how that survives the way to those who read it."""

import asyncio
import time

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from madang import __version__
from madang.contract import Metrics
from madang.queue import LocalQueue
from madang.testing import EchoBackend, HeldBackend, a_request
from madang.worker import Pool, Worker
from madang.worker.report import ModelReport, WorkerReport, read_report, write_report


async def test_a_worker_tells_of_its_models_as_they_are_used() -> None:
    held, idle = HeldBackend(slots=2), EchoBackend(slots=3)
    queue = LocalQueue()
    backends = {"one": held, "same": held, "other": idle}
    worker = Worker(queue, Pool(backends), name="here", flush=0.0)
    before = worker.report()
    assert (before.worker, before.version, before.draining) == ("here", __version__, False)
    assert time.time() - before.started < 60
    assert [(each.models, each.loaded, each.slots, each.running) for each in before.models] == [
        (("one", "same"), False, 2, 0),
        (("other",), False, 3, 0),
    ]
    working = asyncio.create_task(worker.run())
    await queue.submit(a_request(model="same"))
    await held.held.wait()
    shared, other = worker.report().models
    assert (shared.loaded, shared.running) == (True, 1)
    assert (other.loaded, other.running) == (False, 0)
    draining = asyncio.create_task(worker.drain())
    await asyncio.sleep(0)
    assert worker.report().draining
    held.go.set()
    await draining
    await working
    assert worker.report().models[0].running == 0


def a_report() -> WorkerReport:
    """Make a report of one model."""
    model = ModelReport(
        models=("순이", "b"), loaded=True, slots=4, running=1, metrics=Metrics(mean_batch=2.5)
    )
    return WorkerReport(
        worker="일꾼", host="h", version="1", started=1.5, draining=False, models=(model,)
    )


def test_a_report_is_read_as_it_was_written() -> None:
    assert read_report(write_report(a_report())) == a_report()


def test_what_a_newer_version_adds_is_passed_over_and_what_it_leaves_out_is_not() -> None:
    told = msgspec.to_builtins(a_report())
    assert read_report(msgspec.msgpack.encode({**told, "mood": "good"})) == a_report()
    assert read_report(msgspec.msgpack.encode({**told, "models": "many"})) is None
    del told["host"]
    assert read_report(msgspec.msgpack.encode(told)) is None


@given(st.binary(max_size=64))
def test_anything_else_is_no_report(data: bytes) -> None:
    assert read_report(data) is None
    assert read_report(write_report(a_report())[:-1] + data[:0]) is None
