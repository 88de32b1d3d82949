"""The plain loop: one request at a time, by the model's own forward pass and cache.

It serves what the batching engine cannot serve exactly, and is what that is compared with.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from madang.contract import Metrics, Output, Request
from madang.errors import ModelError
from madang.inference.loaded import Loaded
from madang.inference.sampler import Sampler
from madang.inference.written import Written, room_for

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PREFILL_CHUNK = 512  # tokens; a cancelled request stops after at most one chunk

Put = Callable[[Output | None], None]


class PlainService:
    """Answer requests one after the other on a thread."""

    def __init__(self, loaded: Loaded, thread: ThreadPoolExecutor) -> None:
        self._loaded = loaded
        self._running: set[threading.Event] = set()
        self._closing = False
        self._thread = thread

    @property
    def metrics(self) -> Metrics:
        """Return how many requests there are."""
        count = len(self._running)
        return Metrics(slots=1, running=min(count, 1), waiting=max(count - 1, 0))

    @property
    def alive(self) -> bool:
        """Say that requests are answered."""
        return not self._closing

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Answer; closing the stream stops it at the next token and waits for that."""
        cancelled = threading.Event()
        self._running.add(cancelled)
        outputs: asyncio.Queue[Output | None] = asyncio.Queue()
        put = _putter(asyncio.get_running_loop(), outputs)
        job = self._thread.submit(_work, self._loaded, request, cancelled, put)
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
        """Stop at the next token; streams end where they are."""
        self._closing = True
        for cancelled in self._running:
            cancelled.set()
        await asyncio.wait([asyncio.wrap_future(self._thread.submit(int))])  # after what runs


def generate(loaded: Loaded, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
    """Answer `request`, one output for every token that shows something, and one at the end.

    Counts are of the whole request so far. Nothing more comes once `cancelled` says so.
    """
    import torch

    torch.set_num_threads(loaded.threads)  # holds for the calling thread
    sampling = request.sampling
    prompt = loaded.template.encode(request.prompt, sampling.stop)
    room = room_for(loaded.name, prompt, loaded.context, sampling)
    written = Written(loaded, sampling, len(prompt), room)
    if not room:
        yield written.end()
        return
    sampler = Sampler(sampling, prompt, room, loaded.model.device)
    with torch.inference_mode(), loaded.adapters.using(request.adapter) as model:
        for token in _tokens(model, prompt, sampler, room, cancelled):
            output = written.push(token)
            if output is not None:
                yield output
            if written.reason:
                return


def _tokens(
    model: "PreTrainedModel",
    prompt: Sequence[int],
    sampler: Sampler,
    room: int,
    cancelled: Callable[[], bool],
) -> Iterator[int]:
    import torch
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    ids = torch.tensor([prompt], dtype=torch.long, device=model.device)
    chunks = [ids[:, at : at + PREFILL_CHUNK] for at in range(0, len(prompt), PREFILL_CHUNK)]
    for _ in range(room):
        for chunk in chunks:
            if cancelled():
                return
            logits = _forward(model, chunk, cache)
        token = sampler.draw(logits)
        yield token
        chunks = [ids.new_tensor([[token]])]


def _forward(model: "PreTrainedModel", ids: "torch.Tensor", cache: object) -> "torch.Tensor":
    """Return the logits of the last position, as one row."""
    output = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
    logits: torch.Tensor = output.logits[:, -1]
    return logits


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
