"""Loading a model once, however many answers wait for it."""

import asyncio

from madang.contract import Backend, LoadProgress


class Loader:
    """Share one load of a backend; a failed one is tried again by the next who asks."""

    def __init__(self, backend: Backend, tell: LoadProgress) -> None:
        self._backend = backend
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Wait until the model is loaded; raises what the backend raised."""
        task = self._current()
        await asyncio.wait({task})
        task.result()

    async def close(self) -> None:
        """Stop loading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _current(self) -> asyncio.Task[None]:
        if self._task is None or _failed(self._task):
            self._task = asyncio.create_task(self._load())
            # Those who asked may be gone when it fails; asyncio must not complain then.
            self._task.add_done_callback(_failed)
        return self._task

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()

        def report(done: float) -> None:
            # A backend may load in a thread.
            loop.call_soon_threadsafe(self._tell, done)

        await self._backend.load(report)


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
