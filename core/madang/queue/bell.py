"""A bell that wakes everybody who waits for it."""

import asyncio


class Bell:
    """Wake all waiting tasks of one event loop at once.

    A task that looks, finds nothing and waits without awaiting in between misses no ring.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake those who wait now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float | None = None) -> None:
        """Wait for the next ring, or for so many seconds."""
        event = self._event
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return
