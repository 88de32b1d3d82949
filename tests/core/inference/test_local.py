"""The backend as a worker sees it: loading, streaming, stopping, several requests at once."""

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.core.inference import tiny
from tests.core.inference.asking import answer, chat, completion, request
from tests.core.inference.conftest import MakeBackend

from madang.contract import Backend, LoadProgress, Metrics, Model, Output, Sampling, SpecialIds
from madang.errors import (
    ModelError,
    ModelNotLoaded,
    PromptTooLong,
    UnknownAdapter,
)
from madang.inference import LocalBackend
from madang.inference.loaded import Loaded
from madang.inference.loader import load


def test_torch_stays_out_until_a_model_is_loaded() -> None:
    code = (
        "import sys, madang.inference\n"
        "from madang.contract import Model\n"
        "backend = madang.inference.LocalBackend('demo', Model(source='/nowhere'))\n"
        "backend.capabilities, backend.context\n"
        "heavy = {'torch', 'transformers', 'peft', 'tokenizers', 'safetensors', 'numpy'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_it_declares_what_it_honours() -> None:
    capabilities = LocalBackend("tiny", Model(adapters={"1": "x"})).capabilities
    assert capabilities.sampling == frozenset(Sampling.__struct_fields__)
    assert capabilities.kinds == {"chat", "completion"}
    assert (capabilities.adapters, capabilities.slots) == (True, 16)
    assert LocalBackend("tiny", Model(slots=3)).capabilities.slots == 3


async def test_concurrent_callers_load_once(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, threads = [0], set()

    def counted(name: str, model: Model, progress: LoadProgress) -> Loaded:
        calls[0] += 1
        threads.add(threading.current_thread())
        return load(name, model, progress)

    monkeypatch.setattr("madang.inference.serving.load", counted)
    backend: Backend = make_backend()
    seen: tuple[list[float], list[float]] = ([], [])
    await asyncio.gather(backend.load(seen[0].append), backend.load(seen[1].append))
    await backend.load(seen[1].append)
    assert calls == [1]
    assert threading.main_thread() not in threads
    for progress in seen:
        assert progress == sorted(progress)
        assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert backend.context == tiny.CONTEXT


async def test_a_failed_load_may_be_tried_again(make_backend: MakeBackend) -> None:
    backend = make_backend(source="/nowhere")
    for _ in range(2):
        with pytest.raises(ModelNotLoaded, match="/nowhere"):
            await backend.load(lambda done: None)
    with pytest.raises(ModelNotLoaded):
        await answer(backend, request())


async def test_a_caller_that_gives_up_does_not_stop_the_load(make_backend: MakeBackend) -> None:
    backend = make_backend()
    impatient = asyncio.create_task(backend.load(lambda done: None))
    await asyncio.sleep(0)
    impatient.cancel()
    await backend.load(lambda done: None)
    assert backend.context == tiny.CONTEXT


async def test_pieces_join_to_the_answer_and_counts_are_totals(make_backend: MakeBackend) -> None:
    backend = make_backend()
    got = await answer(backend, request())
    assert got.last.reason == "length"
    assert got.last.output_tokens == 24
    assert got.last.prompt_tokens == await backend.count(completion())
    assert [piece.reason for piece in got.pieces[:-1]] == [""] * (len(got.pieces) - 1)
    totals = [piece.output_tokens for piece in got.pieces]
    assert totals == sorted(totals)


async def test_count_is_what_the_model_reads(make_backend: MakeBackend) -> None:
    backend = make_backend()
    for prompt in (completion("안녕하세요"), chat("안녕", "네", "왜?")):
        got = await answer(backend, request(prompt, max_new_tokens=1))
        assert got.last.prompt_tokens == await backend.count(prompt)


async def test_an_end_token_ends_the_answer(make_backend: MakeBackend) -> None:
    free = await answer(make_backend(), request())
    everything = tuple(range(len(tiny.tokenizer())))
    ended = await answer(make_backend(special_ids=SpecialIds(eos=everything)), request())
    assert free.last.reason == "length"
    assert (ended.last.reason, ended.text, ended.last.output_tokens) == ("stop", "", 1)


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_a_stop_string_ends_the_answer_before_it(
    make_backend: MakeBackend, length: int
) -> None:
    backend = make_backend()
    whole = (await answer(backend, request())).text
    stop = whole[8 : 8 + length]
    got = await answer(backend, request(stop=(stop, "없는 말")))
    assert got.text == whole.partition(stop)[0]
    assert got.last.reason == "stop"
    assert got.last.output_tokens < 24


async def test_what_only_looked_like_a_stop_string_is_shown(make_backend: MakeBackend) -> None:
    backend = make_backend()
    whole = (await answer(backend, request())).text
    got = await answer(backend, request(stop=(f"{whole[-2:]}!!",)))
    assert (got.text, got.last.reason) == (whole, "length")


def test_a_special_token_may_be_a_stop_string(checkpoints: dict[str, Path]) -> None:
    loaded = load("tiny", Model(source=str(checkpoints["llama"])), lambda done: None)
    assert loaded.special_named(["<|start|>", "말"]) == {1}


async def test_the_context_bounds_prompt_and_answer(make_backend: MakeBackend) -> None:
    size = await make_backend().count(completion())
    got = await answer(make_backend(context=size + 5), request())
    assert (got.last.output_tokens, got.last.reason) == (5, "length")
    with pytest.raises(PromptTooLong, match=f"{size} tokens"):
        await answer(make_backend(context=size), request())


async def test_an_empty_prompt_is_refused(make_backend: MakeBackend) -> None:
    with pytest.raises(ModelError, match="the prompt for model 'tiny' is empty"):
        await answer(make_backend(), request(completion("")))


async def test_no_room_asked_for_is_an_empty_answer(make_backend: MakeBackend) -> None:
    got = await answer(make_backend(), request(max_new_tokens=0))
    assert (got.text, got.last.reason, got.last.output_tokens) == ("", "length", 0)


async def test_an_unknown_adapter_is_refused(make_backend: MakeBackend) -> None:
    with pytest.raises(UnknownAdapter, match=r"no adapter '3'\n.*Known: 1, 2"):
        await answer(make_backend(), request(adapter="3"))


async def test_closing_the_stream_stops_at_the_next_token(make_backend: MakeBackend) -> None:
    backend = make_backend(context=100_000)
    stream = backend.generate(request(max_new_tokens=90_000))
    first = await anext(stream)
    await asyncio.wait_for(stream.aclose(), 5)
    assert first.text
    assert backend.metrics.running == 0
    assert (await asyncio.wait_for(answer(backend, request()), 5)).last.output_tokens == 24


def spoil_shape(folder: Path) -> None:
    file = folder / "adapter_model.safetensors"
    save_file({key: torch.ones(3, 3) for key in load_file(file)}, file)


def spoil_names(folder: Path) -> None:
    file = folder / "adapter_model.safetensors"
    weights = {key.replace("layers.0", "layers.9"): value for key, value in load_file(file).items()}
    save_file(weights, file)


@pytest.mark.parametrize("engine", ["batched", "plain"])
@pytest.mark.parametrize("spoil", [spoil_shape, spoil_names, shutil.rmtree])
@pytest.mark.parametrize("order", [["bad", "1"], ["1", "bad"]])
async def test_a_damaged_adapter_is_nobody_s_loss_but_its_own(
    checkpoints: dict[str, Path],
    make_backend: MakeBackend,
    tmp_path: Path,
    engine: str,
    spoil: Callable[[Path], None],
    order: list[str],
) -> None:
    damaged = Path(shutil.copytree(checkpoints["llama-2"], tmp_path / "damaged"))
    spoil(damaged)
    folders = {"bad": str(damaged), "1": str(checkpoints["llama-1"])}
    backend = make_backend(adapters={name: folders[name] for name in order}, engine=engine)
    asked = [request(adapter=name) for name in ("", "bad", "1")]
    whole = make_backend(engine=engine)
    expected = [(await answer(whole, each)).text for each in (asked[0], asked[2])]
    good = asyncio.gather(*(answer(backend, each) for each in (asked[0], asked[2])))
    with pytest.raises(ModelNotLoaded):
        await answer(backend, asked[1])
    assert [got.text for got in await good] == expected


async def test_a_cancelled_reader_frees_the_model(make_backend: MakeBackend) -> None:
    backend = make_backend(context=100_000)
    reader = asyncio.create_task(answer(backend, request(max_new_tokens=90_000)))
    await asyncio.sleep(0.5)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (await asyncio.wait_for(answer(backend, request()), 5)).last.output_tokens == 24


async def test_requests_wait_for_each_other_and_stay_apart(make_backend: MakeBackend) -> None:
    backend = make_backend()
    asked = [request(adapter=name) for name in ("", "1", "2", "")]
    alone = [(await answer(backend, each)).text for each in asked]
    together = await asyncio.gather(*(answer(backend, each) for each in asked))
    assert [got.text for got in together] == alone


@pytest.mark.parametrize("table", [{"engine": "plain"}, {"slots": 1}])
async def test_a_waiting_request_gives_up_at_once(
    make_backend: MakeBackend, table: dict[str, Any]
) -> None:
    backend = make_backend(context=100_000, **table)
    long = backend.generate(request(max_new_tokens=90_000))
    await anext(long)
    waiting = asyncio.create_task(answer(backend, request()))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)
    assert (await anext(long)).output_tokens > 1
    await long.aclose()


async def test_the_loop_stays_free_while_tokens_come(make_backend: MakeBackend) -> None:
    backend = make_backend()
    await backend.load(lambda done: None)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await answer(backend, request(max_new_tokens=100))
    ticking.cancel()
    assert ticks > 10


async def test_what_the_model_raises_names_it(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of memory")

    backend = make_backend(engine="plain")
    monkeypatch.setattr("madang.inference.plain._forward", fail)
    with pytest.raises(ModelError, match="model 'tiny' failed while it generated: out of memory"):
        await answer(backend, request())
    monkeypatch.undo()
    assert (await answer(backend, request())).last.reason == "length"


async def test_close_frees_and_a_later_request_loads_again(make_backend: MakeBackend) -> None:
    backend = make_backend()
    before = await answer(backend, request())
    await backend.close()
    assert backend.metrics == Metrics()
    assert (await answer(backend, request())).text == before.text


async def test_closing_while_somebody_waits_ends_the_stream(make_backend: MakeBackend) -> None:
    backend = make_backend(context=100_000)
    stream = backend.generate(request(max_new_tokens=90_000))
    await anext(stream)
    await asyncio.wait_for(backend.close(), 5)
    rest: list[Output] = [output async for output in stream]
    assert not any(output.reason for output in rest)
