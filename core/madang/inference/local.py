"""The local backend: a model of transformers on this machine, loaded when it is first needed."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

from madang.contract import (
    Capabilities,
    LoadProgress,
    Metrics,
    Model,
    Output,
    Prompt,
    Request,
    Sampling,
)
from madang.inference.adapters import check_name
from madang.inference.device import set_memory_habits
from madang.inference.loaded import Loaded, free_memory
from madang.inference.need import bytes_needed
from madang.inference.serving import Service, serve

SLOTS = 16  # before it is loaded, since only then the device is known

Served = tuple[Loaded, Service]


class LocalBackend:
    """Serve any causal language model of transformers, with PEFT adapters, on this machine.

    Making one is cheap; `load`, or the first request, reads the weights.
    """

    def __init__(self, name: str, model: Model) -> None:
        set_memory_habits()
        self._name = name
        self._model = model
        self._served: Served | None = None
        self._loading: asyncio.Task[Served] | None = None
        self._listeners: list[LoadProgress] = []
        self._thread = _thread(name)

    @property
    def capabilities(self) -> Capabilities:
        """Declare all of `Sampling`, both kinds of prompt, adapters, and the slots."""
        slots = self._served[1].metrics.slots if self._served else self._model.slots or SLOTS
        return Capabilities(
            sampling=frozenset(Sampling.__struct_fields__), adapters=True, slots=slots
        )

    @property
    def context(self) -> int:
        """Return the context in tokens; before loading what the table says, 0 if nothing."""
        return self._served[0].context if self._served else self._model.context

    @property
    def metrics(self) -> Metrics:
        """Return what it did since it was loaded."""
        return self._served[1].metrics if self._served else Metrics()

    async def need(self, limit: int | None) -> int:
        """Return the bytes that the model takes once loaded, by the headers of its files."""
        return await asyncio.to_thread(bytes_needed, self._name, self._model, limit)

    async def load(self, progress: LoadProgress) -> None:
        """Read the weights once, however many callers wait; a failed load may be tried again."""
        await self._ready(progress)
        progress(1.0)

    async def count(self, prompt: Prompt) -> int:
        """Count the tokens of a prompt as the model will read it, template included."""
        loaded, _ = await self._ready()
        return len(await asyncio.to_thread(loaded.template.encode, prompt))

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Generate an answer; closing the stream stops it at the next token and waits for that."""
        check_name(self._name, request.adapter, self._model.adapters)
        loaded, service = await self._ready()
        loaded.adapters.check(request.adapter)
        stream = service.generate(request)
        try:
            async for output in stream:
                yield output
        finally:
            await stream.aclose()

    async def close(self) -> None:
        """Stop what is running and free the model's memory; a later call loads it again."""
        if self._loading:
            await asyncio.wait([self._loading])
        served, self._served = self._served, None
        thread, self._thread = self._thread, _thread(self._name)
        if served:
            await served[1].close()
        await asyncio.to_thread(thread.shutdown)
        if served:
            del served  # or its weights would outlive the next line
            await asyncio.to_thread(free_memory)

    async def _ready(self, progress: LoadProgress | None = None) -> Served:
        if self._served and not self._served[1].alive:
            await self.close()
        if self._served:
            return self._served
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(_mark_seen)
        if progress is None:
            return await asyncio.shield(self._loading)
        self._listeners.append(progress)
        try:
            return await asyncio.shield(self._loading)
        finally:
            self._listeners.remove(progress)

    async def _load(self) -> Served:
        loop = asyncio.get_running_loop()

        def report(done: float) -> None:
            loop.call_soon_threadsafe(self._report, done)

        try:
            self._served = await loop.run_in_executor(
                self._thread, serve, self._name, self._model, self._thread, report
            )
            return self._served
        finally:
            self._loading = None

    def _report(self, done: float) -> None:
        for listener in list(self._listeners):
            listener(done)


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=f"madang-{name}")


def _mark_seen(task: "asyncio.Task[Served]") -> None:
    """Keep asyncio from reporting a failed load that everybody stopped waiting for."""
    if not task.cancelled():
        task.exception()
