"""The whole engine on a GPU: exact, recorded, without waiting for the device, out of memory."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from tests.core.inference.asking import answer, completion, request
from tests.core.inference.engine.paged_rig import PagedRig
from tests.core.inference.engine.rig import Ask, Reference, loaded, prompts

from madang.contract import Model, Sampling
from madang.inference import LocalBackend
from madang.inference.engine.batch import Batch
from madang.inference.engine.current import Attend
from madang.inference.engine.graphs import cuda_record
from madang.inference.engine.kernels import choose_kernel
from madang.inference.engine.paged import survey
from madang.inference.engine.runner import Launched, logits_of
from madang.inference.engine.scheduler import Step
from madang.inference.loaded import Loaded

pytestmark = pytest.mark.gpu

PROMPTS = prompts()
DRAWN = Sampling(temperature=0.8, top_p=0.9, top_k=50, repetition_penalty=1.1, seed=1)


def prepared(checkpoints: dict[str, Path], name: str, dtype: str = "float32") -> Loaded:
    adapters = {each: checkpoints[f"{name}-{each}"] for each in "12"}
    return loaded(checkpoints[name], adapters, dtype=dtype)


def mixed(sampling: Sampling | None = None) -> list[Ask]:
    return [
        Ask(
            prompt=prompt,
            adapter=("", "1", "2")[at % 3],
            comes=at,
            sampling=sampling or Sampling(temperature=0.0),
        )
        for at, prompt in enumerate(PROMPTS)
    ]


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("name", ["llama", "mistral", "gemma3", "gpt_neox"])
def test_greedy_answers_equal_generate(
    checkpoints: dict[str, Path], name: str, ahead: int, recorded: bool
) -> None:
    reference = Reference(checkpoints[name], {each: checkpoints[f"{name}-{each}"] for each in "12"})
    record = cuda_record() if recorded else None
    rig = PagedRig(prepared(checkpoints, name), blocks=24, ahead=ahead, record=record)
    asks = mixed()
    for ask, given in zip(asks, rig.serve(asks), strict=True):
        assert given.tokens == reference.answer(ask.prompt, ask.adapter)
    assert rig.is_clean()
    assert rig.graphs is None or (rig.graphs._replays and not rig.graphs._failed)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_recorded_kernels_say_what_launched_ones_do(
    checkpoints: dict[str, Path], dtype: str
) -> None:
    model = prepared(checkpoints, "llama", dtype)
    layers = survey(model.model).values()
    kernel = choose_kernel(layers, model.model.device)
    if not kernel.captures:
        pytest.skip("no kernel of this device can be recorded")
    rig = PagedRig(model, size=kernel.size, blocks=16, ahead=1, kernel=kernel, record=cuda_record())
    rig.serve(mixed(DRAWN))
    assert rig.graphs is not None
    assert rig.graphs._replays and not rig.graphs._failed


@pytest.mark.parametrize("sampling", [Sampling(temperature=0.0), DRAWN], ids=["greedy", "drawn"])
def test_launching_does_not_wait_for_the_device(
    checkpoints: dict[str, Path], sampling: Sampling
) -> None:
    rig = PagedRig(prepared(checkpoints, "llama"), ahead=1, record=cuda_record())
    for ask in mixed(sampling):
        rig.add(ask)
    with torch.inference_mode():
        for _ in range(14):  # everybody decodes by then, and their numbers of rows are recorded
            rig.engine.step()
        launch = rig.runner.launch
        try:
            rig.runner.launch = partial(_without_waiting, launch)  # type: ignore[method-assign]
            for _ in range(6):
                rig.engine.step()
        finally:
            rig.runner.launch = launch  # type: ignore[method-assign]
        while not rig.engine.idle:
            rig.engine.step()


def _without_waiting(launch: Callable[[Step], Launched], step: Step) -> Launched:
    torch.cuda.set_sync_debug_mode("error")
    try:
        return launch(step)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_out_of_memory_preempts(checkpoints: dict[str, Path]) -> None:
    reference = Reference(checkpoints["llama"], {})
    model = prepared(checkpoints, "llama")
    rig = PagedRig(model, ahead=1)

    def greedy_for_memory(batch: Batch, attend: Attend) -> torch.Tensor:
        if batch.ids.shape[1] > 3:
            torch.empty(2**50, device=batch.ids.device)
        return logits_of(model.model, batch, attend)

    rig.runner._forward = greedy_for_memory
    asks = [Ask(prompt=prompt) for prompt in PROMPTS[:3]] + [Ask(prompt=PROMPTS[0])] * 3
    before = torch.cuda.memory_allocated()
    answers = [rig.add(ask) for ask in asks]
    with torch.inference_mode():
        while not rig.engine.idle:
            rig.engine.step()
    for ask, given in zip(asks, answers, strict=True):
        assert given.error is None
        assert given.tokens == reference.answer(ask.prompt, "")
    assert sum(given.run.sequence.preemptions for given in answers) > 0
    assert torch.cuda.memory_allocated() - before < 2**20


@pytest.mark.parametrize("quantisation", ["none", "int8", "nf4"])
async def test_a_backend_serves_and_gives_its_memory_back(
    checkpoints: dict[str, Path], quantisation: str
) -> None:
    if quantisation != "none":
        pytest.importorskip("bitsandbytes")
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    table = Model(
        source=str(checkpoints["llama"]),
        adapters={"1": str(checkpoints["llama-1"])},
        quantisation=quantisation,  # type: ignore[arg-type]
        engine="batched",
    )
    backend = LocalBackend("tiny", table)
    asked = [request(completion(), adapter=name) for name in ("", "1") * 4]
    answers = await asyncio.gather(*(answer(backend, each) for each in asked))
    assert all(each.last.reason for each in answers)
    await backend.close()
    assert torch.cuda.memory_allocated() - before < 2**20
