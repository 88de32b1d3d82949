"""The window: what it keeps, what it drops, and how rarely it moves."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from madang.contract import Prompt
from madang.errors import PromptTooLong
from madang.testing import a_prompt
from madang.window import cut
from madang.worker.window import answer_room, exchanges_of, fit

calm = settings(deadline=None, derandomize=True, database=None)
sizes = st.lists(st.integers(min_value=0, max_value=60), max_size=60)
budgets = st.integers(min_value=0, max_value=300)
blocks = st.integers(min_value=1, max_value=120)
histories = st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=20)


async def characters(prompt: Prompt) -> int:
    """Count characters, as the echo backend does."""
    return len(prompt.text)


async def test_a_stripped_prompt_stays_one_when_exchanges_go() -> None:
    prompt = replace(a_prompt("왜?", history=[("가" * 9, "나" * 9)]), stripped=True)
    fitted = await fit(prompt, 20, 10, characters)
    assert (fitted.stripped, fitted.text) == (True, "왜?")


# --- cut -------------------------------------------------------------------------------------


def test_nothing_is_dropped_while_everything_fits() -> None:
    assert cut([10, 20, 30], 60, 10) == 0


def test_the_cut_lies_where_a_block_is_passed() -> None:
    assert cut([10] * 10, 75, 50) == 5


def test_everything_goes_when_the_last_exchange_does_not_fit() -> None:
    assert cut([10, 100], 50, 20) == 2


@pytest.mark.parametrize("budget", [0, -5])
def test_everything_goes_when_there_is_no_room(budget: int) -> None:
    assert cut([1, 2, 3], budget, 10) == 3


@calm
@given(sizes, budgets, blocks)
def test_what_is_kept_fits(sizes: list[int], budget: int, block: int) -> None:
    assert sum(sizes[cut(sizes, budget, block) :]) <= budget


@calm
@given(sizes, st.integers(min_value=1, max_value=300), blocks)
def test_no_earlier_boundary_would_fit(sizes: list[int], budget: int, block: int) -> None:
    dropped = cut(sizes, budget, block)
    step = min(block, budget)
    sums = [sum(sizes[:count]) for count in range(dropped)]
    passed = [count for count in range(1, dropped) if sums[count] // step > sums[count - 1] // step]
    assert all(sum(sizes[count:]) > budget for count in [0, *passed] if dropped)


@calm
@given(sizes, budgets, blocks)
def test_the_cut_moves_at_most_once_a_block(sizes: list[int], budget: int, block: int) -> None:
    cuts = [cut(sizes[:length], budget, block) for length in range(len(sizes) + 1)]
    assert cuts == sorted(cuts)
    step = min(block, budget)
    if step:
        assert len(set(cuts)) - 1 <= sum(sizes) // step


@calm
@given(sizes, st.integers(min_value=1, max_value=300), blocks)
def test_a_small_history_survives_the_cut(sizes: list[int], budget: int, block: int) -> None:
    dropped = cut(sizes, budget, block)
    kept = sizes[dropped:]
    small = all(size + min(block, budget) <= budget for size in sizes)
    if dropped and small:
        assert sum(kept) >= budget - min(block, budget) - max(sizes)


# --- fit -------------------------------------------------------------------------------------


async def test_a_prompt_that_fits_is_returned_as_it_is() -> None:
    prompt = a_prompt(history=[("가", "나")])
    assert await fit(prompt, 100, 10, characters) is prompt


def check(prompt: Prompt, fitted: Prompt, limit: int) -> None:
    """Check what holds for every prompt that was fitted."""
    assert len(fitted.text) <= limit
    before, after = exchanges_of(prompt), exchanges_of(fitted)
    assert list(after.items()) == list(before.items())[len(before) - len(after) :]
    fixed = [s for s in prompt.segments if s.kind != "turn"]
    assert [s for s in fitted.segments if s.kind != "turn"] == fixed


@calm
@given(histories, st.integers(min_value=40, max_value=200), st.integers(min_value=1, max_value=400))
async def test_whole_exchanges_go_and_head_and_tail_stay(
    history: Sequence[tuple[str, str]], context: int, max_new_tokens: int
) -> None:
    prompt = a_prompt("질문입니다", head="머리말", history=history)
    fitted = await fit(prompt, context, max_new_tokens, characters)
    check(prompt, fitted, context - answer_room(max_new_tokens, context))
    assert await fit(fitted, context, max_new_tokens, characters) == fitted


@calm
@given(histories, st.integers(min_value=40, max_value=200))
async def test_a_tokenizer_that_joins_differently_still_fits(
    history: Sequence[tuple[str, str]], context: int
) -> None:
    async def superlinear(prompt: Prompt) -> int:
        return len(prompt.text) + len(prompt.segments) ** 2 // 4

    prompt = a_prompt("질문", history=history)
    fitted = await fit(prompt, context, 10, superlinear)
    assert await superlinear(fitted) <= context - answer_room(10, context)


async def test_the_beginning_of_the_prompt_stays_the_same_for_a_while() -> None:
    history = [("가" * 10, "나" * 10)] * 40
    first = []
    for length in range(1, 41):
        prompt = a_prompt("질문", history=history[:length])
        fitted = await fit(prompt, 260, 60, characters)
        first.append(next(iter(exchanges_of(fitted))))
    assert len(set(first)) <= 1 + 40 * 20 // 50


@pytest.mark.parametrize("answer", [1, 30, 60, 1000])
async def test_a_question_that_cannot_fit_is_refused_with_both_figures(answer: int) -> None:
    prompt = a_prompt("가" * 61, history=[("나", "다")])
    with pytest.raises(PromptTooLong, match="61 tokens"):
        await fit(prompt, 60, answer, characters)


@calm
@given(st.integers(1, 10_000), st.integers(2, 10_000))
def test_the_answer_gets_what_it_asks_for_up_to_half(asked: int, context: int) -> None:
    room = answer_room(asked, context)
    assert room == min(asked, max(1, context // 2))
