"""The backends for tests: their answers, limits, holds and scripts."""

import asyncio

import pytest

from madang.contract import Backend, BackendFactory, Model, Output, Part, Prompt, Sampling, Segment
from madang.errors import ModelError, UnknownAdapter
from madang.testing import (
    Answer,
    EchoBackend,
    HeldBackend,
    ScriptedBackend,
    a_prompt,
    a_request,
)


async def answer(backend: Backend, question: str = "안녕", **sampling: object) -> list[Output]:
    """Collect what a backend generates for a question."""
    request = a_request(question, sampling=Sampling(**sampling))  # type: ignore[arg-type]
    return [output async for output in backend.generate(request)]


def text(outputs: list[Output]) -> str:
    """Join the outputs."""
    return "".join(output.text for output in outputs)


def test_the_echo_backend_is_a_backend_and_its_class_makes_one() -> None:
    factory: BackendFactory = EchoBackend
    backend: Backend = factory("echo", Model())
    assert backend.capabilities.sampling == set(Sampling.__struct_fields__)


async def test_the_echo_comes_in_small_pieces_and_the_last_has_a_reason() -> None:
    outputs = await answer(EchoBackend(), "안녕하세요")
    assert [output.text for output in outputs] == [*"안녕하세요", ""]
    assert [output.reason for output in outputs] == [""] * 5 + ["stop"]
    assert outputs[-1].output_tokens == 5


async def test_the_last_question_of_a_history_is_echoed() -> None:
    prompt = a_prompt("셋", head="머리", history=[("하나", "둘")])
    request = a_request(prompt=prompt)
    assert text([output async for output in EchoBackend().generate(request)]) == "셋"


async def test_the_frame_of_a_completion_is_not_echoed() -> None:
    parts = (Part("질문: "), Part("왜?", quoted=True), Part("\n답변:"))
    prompt = Prompt("completion", (Segment(kind="tail", role="user", parts=parts),))
    outputs = [output async for output in EchoBackend().generate(a_request(prompt=prompt))]
    assert text(outputs) == "왜?"


async def test_the_first_stop_string_counts() -> None:
    outputs = await answer(EchoBackend(), "하나. 둘! 셋", stop=("!", "."))
    assert (text(outputs), outputs[-1].reason) == ("하나", "stop")


async def test_a_stop_string_past_the_limit_does_not_count() -> None:
    outputs = await answer(EchoBackend(), "하나둘셋.", stop=(".",), max_new_tokens=3)
    assert (text(outputs), outputs[-1].reason) == ("하나둘", "length")


async def test_an_unknown_adapter_is_refused_with_the_nearest() -> None:
    backend = EchoBackend("echo", Model(adapters={"parrot": "somewhere"}))
    with pytest.raises(UnknownAdapter, match="parrot"):
        async for _ in backend.generate(a_request(adapter="parot")):
            pass


async def test_a_held_answer_waits_for_its_go() -> None:
    backend = HeldBackend(hold_after=2)
    answering = asyncio.create_task(answer(backend, "안녕하세요"))
    await backend.held.wait()
    assert not answering.done()
    backend.go.set()
    assert text(await answering) == "안녕하세요"


async def test_a_script_is_followed_and_then_complains() -> None:
    script: list[str | Answer | Exception] = ["하나", Answer("둘", "length"), ValueError("셋")]
    backend = ScriptedBackend(answers=script)
    assert text(await answer(backend)) == "하나"
    assert (await answer(backend))[-1].reason == "length"
    with pytest.raises(ValueError, match="셋"):
        await answer(backend)
    with pytest.raises(ModelError, match="no answer left"):
        await answer(backend)
