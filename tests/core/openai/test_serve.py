"""The backend against `transformers serve`, which answers as the local backend does."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from tests.core.openai.asking import answer, request
from tests.core.openai.conftest import DEMO

from madang.contract import Model, Part, Prompt, Segment, Server, SpecialIds
from madang.errors import ModelError, UnknownAdapter, UnsupportedParameter
from madang.inference import LocalBackend
from madang.openai import OpenAIBackend
from madang.testing import a_prompt

QUESTIONS = ("안녕? 너는 누구야?", "금리가 뭐야?", "독도는 어느 나라 땅이야?", "hello")
CONTINUED = Prompt(
    "completion", (Segment(kind="tail", role="user", parts=(Part("<|begin|><|user|>안녕"),)),)
)


def table(url: str, **changes: object) -> Model:
    server = Server(url=url, kind="transformers", model=str(DEMO))
    given = {"source": str(DEMO), "context": 1024, "server": server, **changes}
    return Model(**given)  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def backend(real_server: str) -> AsyncIterator[OpenAIBackend]:
    made = OpenAIBackend("kim", table(real_server))
    yield made
    await made.close()


@pytest_asyncio.fixture
async def local() -> AsyncIterator[LocalBackend]:
    made = LocalBackend("kim", Model(source=str(DEMO), dtype="float32"))
    yield made
    await made.close()


@pytest.mark.parametrize(
    "sampling",
    [
        {},
        {"max_new_tokens": 6},
        {"stop": ("데모 챗봇",)},
        {"repetition_penalty": 1.4},
        {"temperature": 1.7, "top_k": 1, "seed": 3},
        {"temperature": 0.9, "min_p": 1.0},
    ],
    ids=str,
)
async def test_answers_are_those_of_the_local_backend(
    backend: OpenAIBackend, local: LocalBackend, sampling: dict[str, Any]
) -> None:
    for question in QUESTIONS[:2]:
        ours = await answer(backend, request(question, **sampling))
        theirs = await answer(local, request(question, **sampling))
        assert ours.text == theirs.text != ""
        assert ours.last.reason == theirs.last.reason
        assert ours.last.prompt_tokens == await local.count(a_prompt(question))


async def test_a_completion_is_read_as_it_is(backend: OpenAIBackend, local: LocalBackend) -> None:
    ours = await answer(backend, request(CONTINUED))
    assert ours.text == (await answer(local, request(CONTINUED))).text
    assert ours.last.prompt_tokens == await backend.count(CONTINUED)


async def test_messages_go_through_the_servers_own_template(
    real_server: str, local: LocalBackend
) -> None:
    backend = OpenAIBackend("kim", table(real_server, source=""))
    ours = await answer(backend, request(QUESTIONS[0]))
    theirs = await answer(local, request(QUESTIONS[0]))
    assert ours.text == theirs.text
    assert ours.last == theirs.last
    assert await backend.count(a_prompt(QUESTIONS[0])) >= ours.last.prompt_tokens
    await backend.close()


async def test_an_answer_comes_in_pieces(backend: OpenAIBackend) -> None:
    found = await answer(backend, request(QUESTIONS[0]))
    assert len(found.pieces) > 2
    assert found.last.reason == "stop"
    assert found.last.output_tokens > len(found.pieces) // 2


async def test_requests_side_by_side_keep_their_answers(backend: OpenAIBackend) -> None:
    alone = [(await answer(backend, request(question))).text for question in QUESTIONS]
    together = await asyncio.gather(*(answer(backend, request(each)) for each in QUESTIONS))
    assert [each.text for each in together] == alone


async def test_closing_in_the_middle_leaves_the_server_free(real_server: str) -> None:
    endless = OpenAIBackend("kim", table(real_server, special_ids=SpecialIds(eos=(7,))))
    alone = await answer(endless, request(max_new_tokens=5))
    stream = endless.generate(request(max_new_tokens=900))
    assert (await anext(stream)).text
    await stream.aclose()
    assert (await answer(endless, request(max_new_tokens=5))).text == alone.text
    await endless.close()


async def test_a_model_that_is_not_there_is_told_at_load(real_server: str) -> None:
    server = Server(url=real_server, kind="transformers", model="./nowhere")
    backend = OpenAIBackend("kim", Model(context=9, server=server))
    with pytest.raises(ModelError, match=r"does not serve the model '\./nowhere'"):
        await backend.load(lambda done: None)


async def test_adapters_are_refused_beforehand(backend: OpenAIBackend, real_server: str) -> None:
    assert not backend.capabilities.adapters
    with pytest.raises(UnsupportedParameter, match=r"\[models.kim\] adapters"):
        OpenAIBackend("kim", table(real_server, adapters={"poet": "poet"}))
    with pytest.raises(UnknownAdapter):
        await answer(backend, request(adapter="poet"))
