"""Asking a backend over the whole path: queue, worker and back."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from madang.contract import Backend, End, Event, Queue, Request
from madang.queue import LocalQueue
from madang.worker import Pool, working


@asynccontextmanager
async def serving(
    backends: Mapping[str, Backend], queue: Queue | None = None
) -> AsyncIterator[Queue]:
    """Have a worker serve a queue, a local one unless given, and close all at the end."""
    queue = queue or LocalQueue()
    async with working(queue, Pool(backends), flush=0.0, patience=0):
        yield queue


async def events_of(queue: Queue, request: Request | str) -> list[Event]:
    """Collect the events of a request until its end, submitting it first if it is not an id."""
    if isinstance(request, Request):
        submitted = await queue.submit(request)
        if submitted.admission != "ok":
            raise AssertionError(f"Request '{request.id}' was refused: {submitted.admission}.")
        request = request.id
    return [event async for event in queue.events(request)]


async def end_of(queue: Queue, request: Request | str) -> End:
    """Wait for the end of a request, submitting it first if it is not an id."""
    end = (await events_of(queue, request))[-1]
    if not isinstance(end, End):
        raise AssertionError(f"The last event is no end: {end}.")
    return end
