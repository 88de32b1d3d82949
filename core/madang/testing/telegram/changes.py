"""Changes: how a test waits for what the bot will do, without sleeping."""

import asyncio
from collections.abc import Callable

PATIENCE = 5.0


class Changes:
    """Wake those who wait whenever anything happened."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Say that something happened."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def next(self) -> None:
        """Wait until something happens."""
        await self._event.wait()

    async def until(
        self, done: Callable[[], bool], story: Callable[[], str], within: float = PATIENCE
    ) -> None:
        """Wait until `done` holds; AssertionError with the story after `within` real seconds."""
        try:
            async with asyncio.timeout(within):
                while not done():
                    await self.next()
        except TimeoutError:
            raise AssertionError(f"nothing like that within {within} s:\n{story()}") from None
