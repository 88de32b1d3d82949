"""Our worker's side: one that answers at once, and one that streams."""

import asyncio
import os
from collections.abc import Callable

from madang.bench.queue.asking import answer_to
from madang.bench.queue.messages import Job as Role
from madang.contract import End, Job, Piece, Queue

MODEL = "bench"


def piece_of(number: int) -> str:
    """Return a piece of the streamed answer; no two of one answer are alike."""
    return f"조각{number:05d} "


async def answer_at_once(queue: Queue, role: Role, ready: Callable[[], None]) -> None:
    """Take whatever is asked and finish it, side by side."""
    worker, running = _name(), set[asyncio.Task[bool]]()
    await queue.take(worker, [MODEL], 0)
    ready()
    async with asyncio.TaskGroup() as group:
        group.create_task(_renew(queue, worker))
        while True:
            for job in await queue.take(worker, [MODEL], role.in_flight - len(running)):
                end = _end(job, answer_to(job.request.prompt.text))
                task = group.create_task(queue.finish(end))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(0)  # somebody waits for these ends, and nobody for the next take
            if len(running) == role.in_flight:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


class Streamer:
    """Answer piece by piece: every flush has one piece of every answer that runs."""

    def __init__(self, queue: Queue, role: Role) -> None:
        self._queue = queue
        self._role = role
        self._running: dict[str, tuple[Job, int]] = {}
        self._whole = "".join(map(piece_of, range(role.pieces)))
        self._taken = asyncio.Event()
        self._freed = asyncio.Event()

    async def run(self, ready: Callable[[], None]) -> None:
        """Work until the process is ended."""
        worker = _name()
        await self._queue.take(worker, [MODEL], 0)
        ready()
        async with asyncio.TaskGroup() as group:
            group.create_task(_renew(self._queue, worker))
            group.create_task(self._take(worker))
            while True:
                await self._flush(group)
                await asyncio.sleep(self._role.pause)

    async def _take(self, worker: str) -> None:
        while True:
            self._freed.clear()
            if free := self._role.in_flight - len(self._running):
                for job in await self._queue.take(worker, [MODEL], free):
                    self._running[job.request.id] = job, 0
                self._taken.set()
            else:
                await self._freed.wait()

    async def _flush(self, group: asyncio.TaskGroup) -> None:
        if not self._running:
            self._taken.clear()
            await self._taken.wait()
        sent = dict(self._running)  # more may be taken meanwhile
        await self._queue.publish([_piece(job, at) for job, at in sent.values()])
        for name, (job, at) in sent.items():
            self._running[name] = job, at + 1
            if at + 1 == self._role.pieces:
                del self._running[name]
                group.create_task(self._queue.finish(_end(job, self._whole)))
                self._freed.set()


async def _renew(queue: Queue, worker: str) -> None:
    while True:
        await queue.renew(worker, [])


def _piece(job: Job, at: int) -> Piece:
    text = piece_of(at)
    return Piece(request=job.request.id, offset=at * len(text), text=text, attempt=job.attempt)


def _end(job: Job, text: str) -> End:
    return End(request=job.request.id, text=text, reason="stop", attempt=job.attempt)


def _name() -> str:
    return f"bench-{os.getpid()}"
