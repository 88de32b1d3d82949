"""The candidate that is measured: a `LocalBackend`, driven as a worker drives it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from madang.bench.engine.checkpoint import MODEL, ids_of, text_of
from madang.bench.engine.messages import Ask, Job, Order, Run
from madang.contract import Backend, Model, Output, Part, Prompt, Request, Sampling, Segment
from madang.inference import LocalBackend

NAME = "bench"
PATIENCE = 24 * 3600  # seconds that a request may wait for its turn


@contextmanager
def open_madang(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Load a backend; all requests of an order are submitted to it at once."""
    model = Model(
        source=f"{job.folder}/{MODEL}",
        dtype=job.dtype,
        quantisation=job.quantisation,
        adapters=job.adapters,
    )
    backend = LocalBackend(NAME, model)
    with asyncio.Runner() as runner:
        runner.run(backend.load(lambda done: None))
        try:
            yield lambda order: runner.run(_serve(backend, order))
        finally:
            runner.run(backend.close())


async def _serve(backend: Backend, order: Order) -> Run:
    begin = time.perf_counter()
    requests = [_request(number, ask, order) for number, ask in enumerate(order.asks)]
    answers = await asyncio.gather(*(_answer(backend, each, begin) for each in requests))
    return Run(
        seconds=time.perf_counter() - begin,
        arrivals=[times for times, _, _ in answers],
        tokens=[ids_of(text) for _, text, _ in answers],
        cached=[last.cached_tokens for _, _, last in answers],
    )


async def _answer(
    backend: Backend, request: Request, begin: float
) -> tuple[list[float], str, Output]:
    """Collect an answer; every token is stamped with the time of the output that counts it."""
    times: list[float] = []
    text, output = "", Output()
    async for output in backend.generate(request):
        now = time.perf_counter() - begin
        times += [now] * (output.output_tokens - len(times))
        text += output.text
    return times, text, output


def _request(number: int, ask: Ask, order: Order) -> Request:
    part = Part(text_of(ask.ids))
    return Request(
        id=f"{number}",
        nonce=f"{number}",
        conversation=f"{number}",
        user=f"{number}",
        model=NAME,
        prompt=Prompt("completion", (Segment(kind="tail", role="user", parts=(part,)),)),
        sampling=Sampling(max_new_tokens=order.new_tokens),
        deadline=time.time() + PATIENCE,
        adapter=ask.adapter,
    )
