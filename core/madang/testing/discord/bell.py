"""Waiting without sleeping: a bell that rings whenever something changed."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Wake everybody who waits for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Say that something changed."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def next(self) -> None:
        """Wait for the next ring."""
        await self._event.wait()

    async def until(self, check: Callable[[], T], *, limit: float, tell: Callable[[], str]) -> T:
        """Return the first truthy result of `check`, tried now and after each ring.

        AssertionError after `limit` seconds, with what `tell` has to say about the state then.
        """
        try:
            async with asyncio.timeout(limit):
                while not (found := check()):
                    await self.next()
                return found
        except TimeoutError:
            raise AssertionError(f"not within {limit:g} s: {tell()}") from None
