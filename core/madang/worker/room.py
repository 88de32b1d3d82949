"""Memory for one model at a time, taken from those that were used least recently."""

import asyncio
import contextlib
from collections.abc import Collection

from madang.worker.seat import Seat


class Room:
    """Unload models that nobody uses until another one fits.

    Where only models in use could leave, the newcomer waits. After `patience` seconds those that
    have to leave take nobody in any more, so that one that is always busy holds up nobody for
    ever, and two that take turns are not swapped for every single request.
    """

    def __init__(self, seats: Collection[Seat], patience: float) -> None:
        self._seats = seats
        self._patience = patience
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Look again: a model became idle, or somebody stopped waiting for one."""
        self._changed.set()

    async def make(self, seat: Seat, limit: int | None) -> bool:
        """Unload others until the model fits; False when nobody waits for it any more.

        `limit` bytes are what all models may take together, and at least what this one needs.
        """
        patient_until = asyncio.get_running_loop().time() + self._patience
        try:
            while seat.waiting and (leaving := self._leaving(seat.need, limit)):
                if any(each.users for each in leaving):
                    await self._wait(leaving, patient_until)
                else:
                    await self.unload(leaving[0])
        finally:
            self._claim([])
        return bool(seat.waiting)

    async def unload(self, seat: Seat) -> None:
        """Free the memory of a model that nobody uses."""
        seat.loaded = False
        await seat.backend.close()

    def _leaving(self, need: int, limit: int | None) -> list[Seat]:
        """Choose who leaves: idle ones first, then the least recently used, no more than needed."""
        loaded = [seat for seat in self._seats if seat.loaded and seat.need]
        missing = 0 if limit is None else need + sum(seat.need for seat in loaded) - limit
        leaving: list[Seat] = []
        for seat in sorted(loaded, key=lambda seat: (seat.users > 0, seat.used)):
            if missing > 0:
                leaving.append(seat)
                missing -= seat.need
        # What the last ones free may make the leaving of earlier ones unnecessary.
        for seat in reversed(leaving[:-1]):
            if missing + seat.need <= 0:
                leaving.remove(seat)
                missing += seat.need
        return leaving

    async def _wait(self, leaving: list[Seat], patient_until: float) -> None:
        patient = asyncio.get_running_loop().time() < patient_until
        if not patient:
            self._claim(leaving)
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(patient_until if patient else None):
                await self._changed.wait()

    def _claim(self, leaving: Collection[Seat]) -> None:
        for seat in self._seats:
            seat.claimed = seat in leaving
