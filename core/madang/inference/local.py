"""The local backend: one request at a time on a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor

from madang.contract import Capabilities, LoadProgress, Model, Output, Prompt, Request, Sampling
from madang.errors import ModelError
from madang.inference.adapters import check_name
from madang.inference.generation import generate
from madang.inference.loaded import Loaded, free_memory
from madang.inference.loader import load

Put = Callable[[Output | None], None]


class LocalBackend:
    """Serve any causal language model of transformers, with PEFT adapters, on this machine.

    Requests wait for each other. Making one is cheap; `load`, or the first request, reads the
    weights.
    """

    def __init__(self, name: str, model: Model) -> None:
        self._name = name
        self._model = model
        self._loaded: Loaded | None = None
        self._loading: asyncio.Task[Loaded] | None = None
        self._listeners: list[LoadProgress] = []
        self._running: set[threading.Event] = set()
        self._thread = _thread(name)

    @property
    def capabilities(self) -> Capabilities:
        """Declare all of `Sampling`, both kinds of prompt, and adapters."""
        return Capabilities(sampling=frozenset(Sampling.__struct_fields__), adapters=True)

    @property
    def context(self) -> int:
        """Return the context in tokens; before loading what the table says, 0 if nothing."""
        return self._loaded.context if self._loaded else self._model.context

    async def load(self, progress: LoadProgress) -> None:
        """Read the weights once, however many callers wait; a failed load may be tried again."""
        await self._ready(progress)
        progress(1.0)

    async def count(self, prompt: Prompt) -> int:
        """Count the tokens of a prompt as the model will read it, template included."""
        loaded = await self._ready()
        return len(await asyncio.to_thread(loaded.template.encode, prompt))

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Generate an answer; closing the stream stops it at the next token and waits for that."""
        check_name(self._name, request.adapter, self._model.adapters)
        cancelled = threading.Event()
        self._running.add(cancelled)
        try:
            loaded = await self._ready()
        except BaseException:
            self._running.discard(cancelled)
            raise
        outputs: asyncio.Queue[Output | None] = asyncio.Queue()
        put = _putter(asyncio.get_running_loop(), outputs)
        job = self._thread.submit(_work, loaded, request, cancelled, put)
        done = asyncio.wrap_future(job)
        try:
            while (output := await outputs.get()) is not None:
                yield output
            await asyncio.wait([done])
            done.result()
        finally:
            cancelled.set()
            self._running.discard(cancelled)
            if not job.cancel():
                await asyncio.wait([done])
                done.exception()

    async def close(self) -> None:
        """Stop what is running and free the model's memory; a later call loads it again."""
        for cancelled in self._running:
            cancelled.set()
        if self._loading:
            await asyncio.wait([self._loading])
        thread, self._thread = self._thread, _thread(self._name)
        await asyncio.to_thread(thread.shutdown)
        if self._loaded:
            self._loaded = None
            await asyncio.to_thread(free_memory)

    async def _ready(self, progress: LoadProgress | None = None) -> Loaded:
        if self._loaded:
            return self._loaded
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

    async def _load(self) -> Loaded:
        loop = asyncio.get_running_loop()

        def report(done: float) -> None:
            loop.call_soon_threadsafe(self._report, done)

        try:
            self._loaded = await loop.run_in_executor(
                self._thread, load, self._name, self._model, report
            )
            return self._loaded
        finally:
            self._loading = None

    def _report(self, done: float) -> None:
        for listener in list(self._listeners):
            listener(done)


def _mark_seen(task: "asyncio.Task[Loaded]") -> None:
    """Keep asyncio from reporting a failed load that everybody stopped waiting for."""
    if not task.cancelled():
        task.exception()


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"madang-{name}")


def _putter(loop: asyncio.AbstractEventLoop, outputs: "asyncio.Queue[Output | None]") -> Put:
    def put(output: Output | None) -> None:
        loop.call_soon_threadsafe(outputs.put_nowait, output)

    return put


def _work(loaded: Loaded, request: Request, cancelled: threading.Event, put: Put) -> None:
    try:
        for output in generate(loaded, request, cancelled.is_set):
            if cancelled.is_set():
                return
            put(output)
    except (RuntimeError, MemoryError) as error:
        raise ModelError(
            f"model '{loaded.name}' failed while it generated: {error}",
            "Where memory ran out, set a smaller `context` or a smaller dtype.",
        ) from error
    finally:
        put(None)
