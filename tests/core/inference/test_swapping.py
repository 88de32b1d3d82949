"""Two real models where there is room for one: they take turns, and nothing is left behind."""

import asyncio
import gc
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from tests.core.inference.asking import answer, request

from madang.contract import Backend, Model, Request
from madang.inference import LocalBackend
from madang.inference.need import bytes_needed
from madang.queue import LocalQueue
from madang.testing import end_of
from madang.worker import Pool, working

NAMES = ("llama", "gpt_neox")


def tables(checkpoints: dict[str, Path]) -> dict[str, Model]:
    """Give the tables of two models that fit only one at a time."""
    return {name: Model(source=str(checkpoints[name]), dtype="float32") for name in NAMES}


def pool_for_one(models: Mapping[str, Model]) -> Pool:
    """Make a pool with room for the larger of the models."""
    backends: dict[str, Backend] = {
        name: LocalBackend(name, model) for name, model in models.items()
    }

    async def budget() -> int:
        return max(bytes_needed(name, model) for name, model in models.items())

    return Pool(backends, budget=budget, patience=0.0)


def asking(model: str, number: int) -> Request:
    """Ask a model something."""
    asked = request(max_new_tokens=8, seed=1)
    return Request(
        **{
            **{name: getattr(asked, name) for name in asked.__struct_fields__},
            "id": f"{model}-{number}",
            "conversation": f"{model}-{number}",
            "model": model,
            "deadline": 2e9,
        }
    )


async def test_both_answer_in_turns(checkpoints: dict[str, Path]) -> None:
    models = tables(checkpoints)
    pool, queue = pool_for_one(models), LocalQueue()
    alone = {}
    for name in NAMES:
        backend = LocalBackend(name, models[name])
        alone[name] = (await answer(backend, asking(name, 0))).text
        await backend.close()
    async with working(queue, pool, patience=0):
        for number in (1, 2):
            for name in NAMES:
                end = await end_of(queue, asking(name, number))
                assert (end.problem, end.text) == (None, alone[name])
                assert pool.loaded == [name]
        together = [end_of(queue, asking(name, number)) for name in NAMES for number in (7, 8, 9)]
        ends = await asyncio.gather(*together)
        assert {end.text for end in ends} == set(alone.values())


async def test_a_base_that_comes_and_goes_leaves_nothing(checkpoints: dict[str, Path]) -> None:
    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())

    def threads() -> list[str]:
        names = (thread.name for thread in threading.enumerate())
        return sorted(name for name in names if not name.startswith("asyncio"))

    pool = pool_for_one(tables(checkpoints))
    counts: list[tuple[int, list[str]]] = []
    for _ in range(4):
        for name in NAMES:
            async with pool.using(name, lambda done: None) as backend:
                async for _ in backend.generate(asking(name, 0)):
                    pass
        counts.append((tensors(), threads()))
    await pool.close()
    assert counts[1] == counts[2] == counts[3]
    assert not [thread for thread in threading.enumerate() if "madang" in thread.name]


async def test_an_interrupt_while_it_loads_breaks_nothing(checkpoints: dict[str, Path]) -> None:
    models = tables(checkpoints)
    pool = pool_for_one(models)
    began = asyncio.Event()

    def hear(done: float) -> None:
        if done:
            began.set()

    async def serve() -> None:
        async with working(LocalQueue(), pool, patience=0), pool.using("llama", hear):
            await asyncio.Event().wait()

    serving = asyncio.create_task(serve())
    await began.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert not [thread for thread in threading.enumerate() if "madang" in thread.name]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    async with (
        working(LocalQueue(), again := pool_for_one(models)),
        again.using("llama", lambda done: None) as backend,
    ):
        assert (await answer(backend, asking("llama", 2))).text  # type: ignore[arg-type]
