"""`max_length`: prompt and answer together, without refusing a longer prompt."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.contract import Prompt, Sampling
from madang.errors import PromptTooLong
from madang.testing import EchoBackend, a_prompt, a_request, end_of, serving
from madang.worker.window import exchanges_of, fit_within

calm = settings(deadline=None, derandomize=True, database=None)


async def characters(prompt: Prompt) -> int:
    """Count characters, as the echo backend does."""
    return len(prompt.text)


async def fitted(
    question: int, length: int = 100, context: int = 400, history: Sequence[tuple[str, str]] = ()
) -> tuple[int, int]:
    """Return how long a prompt is in the end, and the room for its answer."""
    prompt = a_prompt("가" * question, history=history)
    kept, room = await fit_within(prompt, length, context, 100, characters)
    return len(kept.text), room


@pytest.mark.parametrize(
    ("question", "room"), [(1, 99), (50, 50), (51, 49), (99, 1), (100, 100), (101, 100), (300, 100)]
)
async def test_the_answer_gets_what_the_prompt_leaves(question: int, room: int) -> None:
    assert await fitted(question) == (question, room)


async def test_the_context_bounds_what_max_length_does_not() -> None:
    assert await fitted(60, length=1000, context=160) == (60, 100)
    assert await fitted(40, length=1000, context=80) == (40, 40)
    with pytest.raises(PromptTooLong):
        await fitted(301)


async def test_exchanges_go_before_the_answer_gets_less_than_half() -> None:
    history = [("나" * 10, "다" * 10)] * 6
    assert await fitted(20, history=history) == (40, 60)
    assert await fitted(120, history=history) == (120, 100)


@calm
@given(
    st.integers(1, 250),
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=9),
    st.integers(1, 300),
    st.integers(1, 300),
)
async def test_within_the_length_or_else_the_context(
    question: int, history: list[tuple[str, str]], length: int, asked: int
) -> None:
    prompt = a_prompt("가" * question, history=history)
    try:
        kept, room = await fit_within(prompt, length, 400, asked, characters)
    except PromptTooLong:
        assert question > 400 - min(asked, 200)
        return
    size = len(kept.text)
    assert 1 <= room <= asked
    assert size + room <= (length if size < length else 400)
    if size >= length:
        assert not exchanges_of(kept)


async def test_a_backend_is_told_the_room_and_no_length() -> None:
    backend = EchoBackend()
    async with serving({"echo": backend}) as queue:
        request = a_request("안녕", sampling=Sampling(max_new_tokens=50, max_length=5))
        assert (await end_of(queue, request)).text == "안녕"
    (asked,) = backend.answered
    assert (asked.sampling.max_new_tokens, asked.sampling.max_length) == (3, None)
