"""The models of a worker: loaded when they are used, within the memory that there is for them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from madang.contract import Backend, LoadProgress, Metrics
from madang.errors import ModelNotLoaded
from madang.worker.room import Room
from madang.worker.seat import Seat, Ticket

PATIENCE_SECONDS = 10.0

Budget = Callable[[], Awaitable[int | None]]
"""`await budget()`: the bytes that all models may take together, None where nobody knows."""


async def unlimited() -> None:
    """Bound nothing."""


class Pool:
    """Lend each model to those who use it, and decide which ones are loaded.

    Names with one backend share it. `budget` is asked once, before the first model is loaded
    that takes memory. Room is given first come, first served, and one model is loaded at a time:
    building one sets things that hold for the whole process, such as the default dtype. A model
    that was not used for `idle` seconds is unloaded, never when that is 0.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        *,
        budget: Budget = unlimited,
        idle: float = 0.0,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        seats = {id(backend): Seat(backend) for backend in backends.values()}
        self._seats = {name: seats[id(backend)] for name, backend in backends.items()}
        self._room = Room(seats.values(), patience)
        self._budget = budget
        self._idle = idle
        self._limit: int | None = None
        self._measured = False
        self._measuring = asyncio.Lock()
        self._turn = asyncio.Lock()

    @property
    def backends(self) -> Sequence[tuple[Backend, Sequence[str]]]:
        """List the backends, each with the models that share it."""
        names: dict[int, list[str]] = {}
        for name, seat in self._seats.items():
            names.setdefault(id(seat), []).append(name)
        return [(self._seats[shared[0]].backend, shared) for shared in names.values()]

    @property
    def loaded(self) -> Sequence[str]:
        """List the models that are loaded now."""
        return [name for name, seat in self._seats.items() if seat.loaded]

    def metrics(self, model: str) -> Metrics | None:
        """Return what a model did since it was loaded, None while it is not."""
        seat = self._seats.get(model)
        return seat.backend.metrics if seat and seat.loaded else None

    def loads(self, model: str) -> int:
        """Count how often a model was loaded."""
        return self._seats[model].loads

    @asynccontextmanager
    async def using(self, model: str, tell: LoadProgress) -> AsyncGenerator[Backend, None]:
        """Give the loaded backend of a model, which stays loaded until the end of the block.

        `tell` hears how far it is while it has to be waited for, 0 while others have to leave
        first. Raises what the backend raised, and `ModelNotLoaded` when it can never fit.
        """
        seat = self._seats[model]
        if seat.open:
            seat.sit()
        else:
            await self._wait(seat, tell)
        try:
            yield seat.backend
        finally:
            self._stand(seat)

    async def close(self) -> None:
        """Stop loading and unload everything."""
        seats = [self._seats[names[0]] for _, names in self.backends]
        tasks = [task for seat in seats for task in (seat.loading, seat.resting) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for seat in seats:
            await self._room.unload(seat)

    async def _wait(self, seat: Seat, tell: LoadProgress) -> None:
        ticket = Ticket(tell, asyncio.get_running_loop().create_future())
        seat.waiting.append(ticket)
        self._bring(seat)
        tell(seat.done)
        try:
            await ticket.admitted
        except asyncio.CancelledError:
            if ticket.used:
                self._stand(seat)
            raise
        finally:
            if ticket in seat.waiting:
                seat.waiting.remove(ticket)
                self._room.changed()

    def _stand(self, seat: Seat) -> None:
        seat.stand()
        self._rest(seat)

    def _rest(self, seat: Seat) -> None:
        if seat.idle:
            self._room.changed()
            if self._idle and seat.resident:
                seat.wake()
                seat.resting = asyncio.create_task(self._unload_idle(seat))

    async def _unload_idle(self, seat: Seat) -> None:
        await asyncio.sleep(self._idle)
        async with self._turn:
            if seat.idle:
                await self._room.unload(seat)

    def _bring(self, seat: Seat) -> None:
        if seat.loading is None:
            seat.done = 0.0
            seat.loading = asyncio.create_task(self._load(seat))
            seat.loading.add_done_callback(partial(self._brought, seat))

    def _brought(self, seat: Seat, task: "asyncio.Task[None]") -> None:
        seat.loading = None
        if task.cancelled():
            seat.refuse(None)
        elif (error := task.exception()) is not None:
            seat.refuse(error)
        elif seat.waiting:  # they came when it had just been called off
            self._bring(seat)

    async def _load(self, seat: Seat) -> None:
        if seat.resident is None:
            await self._fill(seat)
            return
        # Weighing may have to fetch the files, so the others do not wait for it.
        limit = await self._weigh(seat)
        async with self._turn:
            if seat.loaded:
                seat.admit()
            elif await self._room.make(seat, limit):
                await self._fill(seat)

    async def _fill(self, seat: Seat) -> None:
        loop = asyncio.get_running_loop()

        def report(done: float) -> None:
            # A backend may load in a thread.
            loop.call_soon_threadsafe(seat.report, done)

        await seat.backend.load(report)
        seat.loaded = True
        seat.loads += 1
        seat.admit()
        self._rest(seat)

    async def _weigh(self, seat: Seat) -> int | None:
        async with self._measuring:
            if not self._measured:
                self._limit = await self._budget()
                self._measured = True
        limit = self._limit
        if seat.resident and not seat.loaded:
            seat.need = await seat.resident.need(limit)
        if limit is not None and seat.need > limit:
            names = ", ".join(name for name, each in self._seats.items() if each is seat)
            raise ModelNotLoaded(
                f"model '{names}' needs {seat.need:,} bytes, and models may take {limit:,}",
                "Raise `memory` of [pool], or choose a smaller model.",
            )
        return limit
