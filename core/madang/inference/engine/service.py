"""An engine on a thread of its own, so that no step ever holds up an event loop."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import get_args

from madang.contract import Metrics, Output, Request, RequestClass
from madang.errors import ModelError
from madang.inference.engine.engine import Engine, Run
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.threads import Threads
from madang.inference.loaded import Loaded
from madang.inference.written import Written, room_for

logger = logging.getLogger("madang.inference")

CLASSES = get_args(RequestClass)  # who goes first

Said = Output | ModelError | None


class Service:
    """Pass requests to an engine, and its outputs to the loops that asked.

    `capacity` is how many tokens one request may have, prompt and answer together. The engine runs
    on `thread` while there are requests. Between them the thread is free: Python waits for what
    runs on it before it exits, also where nobody closed the service.
    """

    def __init__(
        self, loaded: Loaded, engine: Engine, capacity: int, thread: ThreadPoolExecutor
    ) -> None:
        self._loaded = loaded
        self._engine = engine
        self._capacity = capacity
        self._thread = thread
        self._orders: list[Callable[[], None]] = []
        self._taken: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._running = False
        self._closing = False
        self._failure: ModelError | None = None
        self._readers: set[_Reader] = set()
        self._said: list[tuple[_Reader, Said]] = []
        self._threads = Threads(loaded.threads if loaded.model.device.type == "cpu" else 1)

    @property
    def metrics(self) -> Metrics:
        """Return what the engine did so far."""
        return self._engine.metrics

    @property
    def alive(self) -> bool:
        """Say that requests are answered; after an error of the engine itself they are not."""
        return not self._closing

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Answer; closing the stream frees what the request holds before the next step."""
        loaded, sampling = self._loaded, request.sampling
        prompt = await asyncio.to_thread(loaded.template.encode, request.prompt, sampling.stop)
        room = room_for(loaded.name, prompt, self._capacity, sampling)
        written = Written(loaded, sampling, len(prompt), room)
        if not room:
            yield written.end()
            return
        sequence = Sequence(
            tokens=prompt,
            prompt_length=len(prompt),
            limit=len(prompt) + room,
            adapter=request.adapter,
            priority=CLASSES.index(request.request_class),
        )
        reader = _Reader(self._said)
        run = Run(sequence=sequence, sampling=sampling, written=written, tell=reader.tell)
        try:
            if not self._order(lambda: self._begin(run, reader)):
                reader.put(self._failure)
            while (output := await reader.next()) is not None:
                yield output
                if output.reason:
                    return
        finally:
            await self._end(run, reader)

    async def close(self) -> None:
        """Stop after the step that runs; streams end where they are."""
        with self._lock:
            self._closing = True
        await asyncio.wait([asyncio.wrap_future(self._thread.submit(self._stop))])

    def _begin(self, run: Run, reader: "_Reader") -> None:
        self._readers.add(reader)
        if not self._closing:
            self._engine.add(run)

    async def _end(self, run: Run, reader: "_Reader") -> None:
        done: Future[None] = Future()

        def leave() -> None:
            self._readers.discard(reader)
            try:
                if not self._closing:
                    self._engine.cancel(run)
            finally:
                done.set_result(None)

        if self._order(leave):
            await asyncio.wait([asyncio.wrap_future(done)])

    def _order(self, order: Callable[[], None]) -> bool:
        """Have the thread do something before its next step; False when it does nothing more."""
        with self._lock:
            if self._closing:
                return False
            if not self._running:
                self._thread.submit(self._run)
                self._running = True
            self._orders.append(order)
            return True

    def _run(self) -> None:
        import torch

        torch.set_num_threads(self._threads.count)  # holds for the calling thread
        self._threads.rest()
        try:
            with torch.inference_mode():
                while self._ordered():
                    self._engine.step()
                    _pass_on(self._said)
                    if self._threads.stepped():
                        torch.set_num_threads(self._threads.count)
        except Exception as error:
            logger.exception("the engine of model '%s' stopped", self._loaded.name)
            self._failure = ModelError(
                f"the engine of model '{self._loaded.name}' stopped: {error}",
                "The next request loads it again. See the log, and report it.",
            )
            self._stop()

    def _stop(self) -> None:
        """Tell everybody that there is an end; the engine is touched no more."""
        with self._lock:
            self._closing = True
            orders = self._taken + self._orders
            self._taken, self._orders = [], []
        for order in orders:
            order()
        self._said += [(reader, self._failure) for reader in self._readers]
        _pass_on(self._said)

    def _ordered(self) -> bool:
        """Carry out the orders; False when there is nothing more to do."""
        with self._lock:
            if self._closing or (self._engine.idle and not self._orders):
                self._running = False
                return False
            self._taken, self._orders = self._orders, []
        while self._taken:
            self._taken.pop(0)()
        return True


class _Reader:
    """Receive what is said to one request, on the loop that it was made on."""

    def __init__(self, said: "list[tuple[_Reader, Said]]") -> None:
        self.loop = asyncio.get_running_loop()
        self._said = said
        self._box: asyncio.Queue[Said] = asyncio.Queue()

    def tell(self, what: Said) -> None:
        """Say something after the running step; for the engine's thread."""
        self._said.append((self, what))

    def put(self, what: Said) -> None:
        """Receive it; for the loop."""
        self._box.put_nowait(what)

    async def next(self) -> Output | None:
        """Wait for the next output; None when no more will come."""
        said = await self._box.get()
        if isinstance(said, ModelError):
            raise said
        return said


def _pass_on(said: list[tuple[_Reader, Said]]) -> None:
    """Wake each loop once, with all that was said to its readers."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Reader, Said]]] = defaultdict(list)
    for reader, what in said:
        by_loop[reader.loop].append((reader, what))
    said.clear()
    for loop, each in by_loop.items():
        with suppress(RuntimeError):  # who asked has closed the loop and waits no more
            loop.call_soon_threadsafe(_deliver, each)


def _deliver(said: list[tuple[_Reader, Said]]) -> None:
    for reader, what in said:
        reader.put(what)
