"""Random requests without end, on an engine and on a backend: nothing may be left behind."""

import asyncio
import gc
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch
from tests.core.inference.asking import QUESTION, completion, request
from tests.core.inference.engine.rig import Ask, Reference, Rig, prompts

from madang.contract import Request, Sampling
from madang.inference import LocalBackend
from madang.inference.loaded import Loaded

PROMPTS = prompts()
TEXTS = ("안녕", QUESTION, QUESTION * 2, QUESTION + " 그리고 " + QUESTION * 3)
AT_ONCE = 12
ADAPTERS = ("", "1", "2")


def resident_bytes() -> int:
    """Return how much memory this process has."""
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * 4096


def tensors() -> int:
    """Count the tensors that somebody holds."""
    gc.collect()
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


def a_sampling(randomness: random.Random) -> Sampling:
    """Draw how to draw: greedy, or with whatever there is."""
    if randomness.random() < 0.5:
        return Sampling()
    return Sampling(
        temperature=randomness.choice([0.7, 1.0, 3.0]),
        top_k=randomness.choice([0, 5, 300]),
        top_p=randomness.choice([1.0, 0.8]),
        min_p=randomness.choice([0.0, 0.05]),
        repetition_penalty=randomness.choice([1.0, 1.2]),
        seed=randomness.choice([None, 1, 2]),
    )


def an_ask(randomness: random.Random, comes: int) -> Ask:
    """Make a request to the engine, of which every fourth is given up."""
    stays = randomness.randint(0, 30) if randomness.random() < 0.25 else None
    return Ask(
        prompt=randomness.choice(PROMPTS),
        room=randomness.randint(1, 24),
        adapter=randomness.choice(ADAPTERS),
        sampling=a_sampling(randomness),
        priority=randomness.randint(0, 1),
        comes=comes,
        goes=None if stays is None else comes + stays,
    )


def soak_engine(reference: Reference, model: Loaded, count: int, *, ahead: int) -> Rig:
    """Serve `count` requests that come as others end; greedy ones get what they should."""
    randomness = random.Random(count + ahead)
    rig = Rig(model, blocks=22, slots=7, prefill=40, prefill_beside=11, ahead=ahead)
    asks = [an_ask(randomness, 3 * number) for number in range(count)]
    for ask, answer in zip(asks, rig.serve(asks), strict=True):
        assert answer.error is None
        if not ask.sampling.temperature:
            expected = reference.answer(ask.prompt, ask.adapter)[: ask.room]
            assert answer.tokens == expected[: len(answer.tokens)]
            assert ask.goes is not None or answer.tokens == expected
        assert ask.goes is not None or len(answer.tokens) == ask.room
    assert rig.is_clean()
    assert rig.blocks.free == rig.blocks.total
    return rig


def a_request(randomness: random.Random) -> Request:
    """Make a request to a backend."""
    sampling = a_sampling(randomness)
    settings = {name: getattr(sampling, name) for name in sampling.__struct_fields__}
    stops = (), ("ㅋ",), ("a", "오지 않는 말"), ("<|start|>",)
    return request(
        completion(randomness.choice(TEXTS)),
        randomness.choice(ADAPTERS),
        **{
            **settings,
            "max_new_tokens": randomness.choice([0, 1, 7, 24, 60]),
            "stop": randomness.choice(stops),
        },
    )


async def soak_backend(backend: LocalBackend, count: int, seed: int) -> None:
    """Ask `count` questions, twelve at a time, and leave some of the answers."""
    randomness = random.Random(seed)
    left = iter(range(count))

    async def customer() -> None:
        for _ in left:
            asked, patience = a_request(randomness), randomness.choice([None, None, 0, 1, 5])
            task = asyncio.create_task(read(backend, asked, patience))
            if randomness.random() < 0.2:
                await asyncio.sleep(randomness.random() * 0.02)
                task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    await asyncio.gather(*(customer() for _ in range(AT_ONCE)))


async def read(backend: LocalBackend, asked: Request, patience: int | None) -> None:
    """Read an answer, or so many pieces of it."""
    stream = backend.generate(asked)
    try:
        pieces = 0
        async for output in stream:
            pieces += 1
            if pieces == patience:
                return
            if output.reason:
                assert output.output_tokens <= asked.sampling.max_new_tokens
    finally:
        await stream.aclose()


def check_empty(backend: LocalBackend) -> None:
    """Nobody is left, and every block is free."""
    metrics = backend.metrics
    assert (metrics.running, metrics.waiting, metrics.used_blocks) == (0, 0, 0)


def grown(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """Return by how much each figure grew."""
    return [late - early for early, late in zip(before, after, strict=True)]
