"""What workers send back, gathered so that many answers share one message."""

import asyncio

from madang.contract import Job, Phase, Piece, Progress, Queue

Delivery = tuple[str, int]
"""A request and its attempt: an earlier one may still be stopping beside the next."""


class Outbox:
    """Publish pieces and progress of all answers together, at most every `flush` seconds.

    The first piece of an answer goes at once: it is what somebody waits for.
    """

    def __init__(self, queue: Queue, flush: float) -> None:
        self._queue = queue
        self._flush = flush
        self._pieces: dict[Delivery, Piece] = {}
        self._progress: dict[Delivery, Progress] = {}
        self._something = asyncio.Event()
        self._urgent = asyncio.Event()

    def piece(self, job: Job, offset: int, text: str) -> None:
        """Send text that begins at `offset` characters of an answer."""
        if (before := self._pieces.get(_delivery(job))) is not None:
            offset, text = before.offset, before.text + text
        self._pieces[_delivery(job)] = Piece(
            request=job.request.id, offset=offset, text=text, attempt=job.attempt
        )
        self._something.set()
        if offset == 0:
            self._urgent.set()

    def progress(self, job: Job, phase: Phase, done: float | None = None) -> None:
        """Send what a job is at; `done` is how far its model is loaded, from 0 to 1."""
        self._progress[_delivery(job)] = Progress(
            request=job.request.id, phase=phase, done=done, attempt=job.attempt
        )
        self._something.set()

    def forget(self, job: Job) -> None:
        """Send nothing more of a job, since its end carries everything."""
        self._pieces.pop(_delivery(job), None)
        self._progress.pop(_delivery(job), None)

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await self._something.wait()
            await self._pause()
            events: list[Piece | Progress] = [*self._progress.values(), *self._pieces.values()]
            self._pieces.clear()
            self._progress.clear()
            self._something.clear()
            self._urgent.clear()
            await self._queue.publish(events)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._flush):
                await self._urgent.wait()
        except TimeoutError:
            return


def _delivery(job: Job) -> Delivery:
    return job.request.id, job.attempt
