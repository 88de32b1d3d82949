"""The outbox: the first piece at once, the rest together."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from madang.contract import Job, Piece, Progress
from madang.queue import LocalQueue
from madang.testing import a_request, piece, spin
from madang.worker.outbox import Outbox

Flush = Sequence[Piece | Progress]


class Recorder(LocalQueue):
    """Keep every flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushes: list[Flush] = []
        self.flushed = asyncio.Event()

    async def publish(self, events: Flush) -> None:
        """Keep the flush and pass nothing on."""
        self.flushes.append(events)
        self.flushed.set()


@pytest.fixture
def queue() -> Recorder:
    """Return a queue that keeps every flush."""
    return Recorder()


@pytest.fixture
async def outbox(queue: Recorder) -> AsyncIterator[Outbox]:
    """Return an outbox that never flushes unless it must."""
    outbox = Outbox(queue, flush=3600.0)
    running = asyncio.create_task(outbox.run())
    yield outbox
    running.cancel()
    await asyncio.wait({running})


def job() -> Job:
    """Make a job."""
    return Job(request=a_request(), attempt=1)


async def test_the_first_piece_goes_at_once(queue: Recorder, outbox: Outbox) -> None:
    one = job()
    outbox.piece(one, 0, "안")
    await spin()
    assert queue.flushes == [[piece(one, 0, "안")]]


async def test_later_pieces_wait_and_are_joined(queue: Recorder, outbox: Outbox) -> None:
    one, other = job(), job()
    outbox.piece(one, 0, "안")
    await spin()
    for offset, text in enumerate("녕하세요", start=1):
        outbox.piece(one, offset, text)
    await spin()
    assert len(queue.flushes) == 1
    outbox.piece(other, 0, "네")
    await spin()
    assert queue.flushes[1:] == [[piece(one, 1, "녕하세요"), piece(other, 0, "네")]]


async def test_what_is_forgotten_is_not_sent(queue: Recorder, outbox: Outbox) -> None:
    one, other = job(), job()
    outbox.progress(one, "loading", 0.5)
    outbox.piece(one, 3, "뒤")
    outbox.forget(one)
    outbox.piece(other, 0, "네")
    await spin()
    assert queue.flushes == [[piece(other, 0, "네")]]


async def test_of_progress_only_the_newest_is_sent(queue: Recorder, outbox: Outbox) -> None:
    one = job()
    outbox.progress(one, "loading", 0.1)
    outbox.progress(one, "loading", 0.2)
    outbox.piece(one, 0, "안")
    await spin()
    (events,) = queue.flushes
    assert [event.done for event in events if isinstance(event, Progress)] == [0.2]


async def test_what_waits_goes_when_the_time_is_up(queue: Recorder) -> None:
    outbox = Outbox(queue, flush=0.0)
    running = asyncio.create_task(outbox.run())
    one = job()
    outbox.piece(one, 5, "뒤")
    await queue.flushed.wait()
    running.cancel()
    assert queue.flushes == [[piece(one, 5, "뒤")]]
