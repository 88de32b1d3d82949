"""Backends that take memory, and the memory that they take."""

import asyncio
from collections.abc import AsyncGenerator

from madang.contract import LoadProgress, Output, Request
from madang.errors import ModelNotLoaded
from madang.testing import EchoBackend, spin
from madang.worker import Budget


class Memory:
    """Count what is taken, and the most that ever was."""

    def __init__(self) -> None:
        self.taken = 0
        self.most = 0

    def take(self, size: int) -> None:
        """Count a model in, or out."""
        self.taken += size
        self.most = max(self.most, self.taken)


class Heavy(EchoBackend):
    """Echo, and take `size` of a memory while loaded; loading waits for `go`."""

    def __init__(self, size: int, memory: Memory | None = None, *, slots: int = 4) -> None:
        super().__init__(slots=slots)
        self.size = size
        self.memory = memory or Memory()
        self.loads = 0
        self.running = 0
        self.failing = False
        self.begun = asyncio.Event()
        self.filled = asyncio.Event()
        self.left = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def need(self, limit: int | None) -> int:
        """Return the size, after a while."""
        await asyncio.sleep(0)
        return self.size

    async def load(self, progress: LoadProgress) -> None:
        """Take the memory, and give it back when loading fails or is stopped."""
        assert not self.loaded
        self.loads += 1
        self.memory.take(self.size)
        try:
            self.begun.set()
            progress(0.5)
            await spin()
            await self.go.wait()
            if self.failing:
                raise ModelNotLoaded("model.safetensors is cut off.")
        except BaseException:
            self.memory.take(-self.size)
            raise
        self.loaded = True
        self.filled.set()

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Echo; only a loaded model can."""
        assert self.loaded
        self.running += 1
        try:
            async for output in super().generate(request):
                yield output
        finally:
            self.running -= 1

    async def close(self) -> None:
        """Give the memory back, unless somebody is served."""
        assert not self.running
        await asyncio.sleep(0)
        if self.loaded:
            self.loaded = False
            self.memory.take(-self.size)
            self.left.set()


def budget_of(size: int) -> Budget:
    """Grant models so much."""

    async def budget() -> int:
        return size

    return budget
