"""Many requests at once through the backend: exact, apart, and none the other's problem."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.inference import tiny
from tests.core.inference.asking import QUESTION, Answer, answer, completion, request
from tests.core.inference.conftest import MakeBackend

from madang.contract import Model, Request
from madang.errors import ModelError
from madang.inference import LocalBackend
from madang.inference.engine.scheduler import Scheduler, Step

TEXTS = (QUESTION, QUESTION * 2, "안녕", "The quick brown fox jumps over the lazy dog.")
SAMPLED: dict[str, Any] = {"temperature": 1.0, "top_p": 0.95, "repetition_penalty": 1.1}


@pytest.fixture(scope="module")
def alone(checkpoints: dict[str, Path]) -> dict[Any, str]:
    """Give what the plain loop answers greedily to each text with each adapter."""

    async def ask() -> dict[Any, str]:
        backend = LocalBackend("tiny", table(checkpoints, engine="plain"))
        asked = [(text, adapter) for text in TEXTS for adapter in ("", "1", "2")]
        said = {each: (await answer(backend, asking(*each))).text for each in asked}
        await backend.close()
        return said

    return asyncio.run(ask())


def table(checkpoints: dict[str, Path], **settings: Any) -> Model:
    """Describe a model with two adapters."""
    adapters = {name: str(checkpoints[f"llama-{name}"]) for name in "12"}
    source = str(checkpoints["llama"])
    return Model(source=source, adapters=adapters, dtype="float32", **settings)


def asking(text: str, adapter: str, room: int = 24, **sampling: Any) -> Request:
    """Ask for `room` tokens."""
    return request(completion(text), adapter, max_new_tokens=room, **sampling)


@settings(max_examples=6)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(TEXTS), st.sampled_from(["", "1", "2"]), st.integers(0, 3)),
        min_size=1,
        max_size=10,
    ),
    slots=st.integers(1, 6),
    cache_tokens=st.sampled_from([0, 400]),
)
def test_any_mix_gets_what_each_gets_alone(
    checkpoints: dict[str, Path],
    alone: dict[Any, str],
    asked: list[tuple[str, str, int]],
    slots: int,
    cache_tokens: int,
) -> None:
    async def late(backend: LocalBackend, text: str, adapter: str, pieces: int) -> str:
        stream = backend.generate(asking(text, adapter))
        said = [output.text async for output in stream]
        if pieces:  # and a second one, which is given up in the middle
            second = backend.generate(asking(text, adapter))
            for _ in range(pieces):
                await anext(second, None)
            await second.aclose()
        return "".join(said)

    async def ask_all() -> None:
        made = table(checkpoints, slots=slots, cache_tokens=cache_tokens)
        backend = LocalBackend("tiny", made)
        said = await asyncio.gather(*(late(backend, *each) for each in asked))
        assert said == [alone[text, adapter] for text, adapter, _ in asked]
        assert (backend.metrics.running, backend.metrics.used_blocks) == (0, 0)
        await backend.close()

    asyncio.run(ask_all())


@pytest.mark.parametrize("cache_tokens", [0, 256])
async def test_a_seed_says_the_same_in_any_company(
    make_backend: MakeBackend, cache_tokens: int
) -> None:
    asked = [
        asking(TEXTS[number % 4], "12"[number % 2], 60, seed=number, **SAMPLED)
        for number in range(12)
    ]
    backend = make_backend(cache_tokens=cache_tokens, slots=12)
    alone = [(await answer(backend, each)).text for each in asked]
    assert len(set(alone)) == len(alone)
    for order in (asked, asked[::-1]):
        together = await asyncio.gather(*(answer(backend, each) for each in order))
        assert sorted(got.text for got in together) == sorted(alone)
        assert [got.text for got in together] == (alone if order is asked else alone[::-1])
    assert backend.metrics.largest_batch > 3
    assert (backend.metrics.preemptions > 0) == (cache_tokens > 0)


async def test_a_stop_string_that_never_comes_changes_nothing(make_backend: MakeBackend) -> None:
    backend = make_backend()
    free = await answer(backend, request())
    held = await answer(backend, request(stop=("이 말은 오지 않는다", free.text[-2:] + "!")))
    assert (held.text, held.last.reason) == (free.text, "length")


async def test_who_does_not_read_holds_up_nobody(make_backend: MakeBackend) -> None:
    backend = make_backend(slots=2)
    silent = backend.generate(request(max_new_tokens=200))
    first = await anext(silent)
    others = [await answer(backend, request()) for _ in range(4)]
    assert {got.last.reason for got in others} == {"length"}
    rest = [output async for output in silent]
    assert (first.reason, rest[-1].reason) == ("", "length")
    assert rest[-1].output_tokens == 200
    assert backend.metrics.used_blocks == 0


async def test_closing_at_any_moment_leaves_nothing(make_backend: MakeBackend) -> None:
    backend = make_backend(slots=2)
    await backend.load(lambda done: None)
    expected = (await answer(backend, request())).text
    for pause in range(30):
        asked = [asyncio.create_task(answer(backend, asking(QUESTION * 4, "1"))) for _ in "abc"]
        for _ in range(pause):
            await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(end, (Answer, asyncio.CancelledError)) for end in ends)
    metrics = backend.metrics
    assert (metrics.running, metrics.waiting, metrics.used_blocks) == (0, 0, 0)
    assert (await answer(backend, request())).text == expected


async def test_closing_the_backend_at_any_moment_ends_every_stream(
    make_backend: MakeBackend,
) -> None:
    for pause in range(0, 24, 6):
        backend = make_backend()
        await backend.load(lambda done: None)
        streams = [backend.generate(request(max_new_tokens=200)) for _ in range(4)]
        reading = [asyncio.create_task(collect(stream)) for stream in streams]
        for _ in range(pause):
            await asyncio.sleep(0)
        reading[0].cancel()
        await asyncio.wait_for(backend.close(), 10)
        await asyncio.wait_for(asyncio.wait(reading), 10)
        assert not any(task.exception() for task in reading[1:])


async def test_a_mistake_of_the_engine_is_told_to_all_and_mended_by_loading_again(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    backend = make_backend(slots=3)
    expected = (await answer(backend, request())).text
    steps, schedule = [0], Scheduler.schedule

    def mistaken(self: Scheduler) -> Step | None:
        steps[0] += 1
        if steps[0] == 5:
            raise KeyError("a mistake")
        return schedule(self)

    monkeypatch.setattr(Scheduler, "schedule", mistaken)
    asked = [asyncio.create_task(answer(backend, request())) for _ in range(6)]
    ends = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 30)
    assert {str(end) for end in ends if isinstance(end, ModelError)} == {
        "the engine of model 'tiny' stopped: 'a mistake'\n"
        "  The next request loads it again. See the log, and report it."
    }
    assert all(isinstance(end, ModelError) for end in ends)
    assert "a mistake" in caplog.text
    assert (await asyncio.wait_for(answer(backend, request()), 30)).text == expected


async def test_a_token_that_the_model_does_not_have_fails_its_request_only(
    make_backend: MakeBackend, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    longer = tiny.tokenizer()
    longer.add_tokens([f"새낱말{number}" for number in range(tiny.VOCABULARY)])
    longer.save_pretrained(tmp_path)
    backend = make_backend(tokenizer=str(tmp_path))
    expected = (await answer(backend, request())).text
    asked = [completion(), completion(f"이것은 새낱말{tiny.VOCABULARY - 1} 이다"), completion()]
    ends = await asyncio.gather(
        *(answer(backend, request(each)) for each in asked), return_exceptions=True
    )
    assert isinstance(ends[1], ModelError)
    for end in (ends[0], ends[2]):
        assert isinstance(end, Answer)
        assert end.text == expected


async def collect(stream: Any) -> int:
    """Read a stream to its end."""
    return len([output async for output in stream])
