"""Recorded decoding: static inputs, padded rows, and what is not recorded.

A CUDA graph repeats its launches on the memory that they were recorded on. The stand-in for one
calls the computation again, on the static tensors that it was made with, and gives its result in
the same memory each time.
"""

import logging
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.inference.engine.paged_rig import PagedRig, some_asks
from tests.core.inference.engine.rig import Answer, Ask, Reference, prompts

from madang.inference.engine.graphs import padded
from madang.inference.loaded import Loaded

Compute = Callable[[], torch.Tensor]
PROMPTS = prompts()
ARCHITECTURES = ("llama", "mistral")
Pairs = dict[str, tuple[Reference, Loaded]]


class StandIn:
    """Record by remembering, and count what is repeated by its number of rows."""

    def __init__(self) -> None:
        self.recorded: list[int] = []
        self.repeated: list[int] = []

    def __call__(self, compute: Compute) -> Compute:
        logits = compute()
        self.recorded.append(len(logits))

        def replay() -> torch.Tensor:
            self.repeated.append(len(logits))
            return logits.copy_(compute())

        return replay


def check(answers: list[Answer], asks: list[Ask], reference: Reference) -> None:
    for ask, answer in zip(asks, answers, strict=True):
        assert answer.error is None
        whole = reference.answer(ask.prompt, ask.adapter, ask.room)
        assert answer.tokens == whole[: len(answer.tokens)]
        assert ask.goes is not None or len(answer.tokens) == ask.room


def test_rows_come_in_few_numbers() -> None:
    numbers = [padded(rows, 20) for rows in (1, 2, 3, 4, 5, 8, 9, 16, 17, 20)]
    assert numbers == [1, 2, 4, 4, 8, 8, 16, 16, 20, 20]
    assert [padded(rows, 5) for rows in (3, 5)] == [4, 5]
    assert {padded(rows, 64) for rows in range(1, 65)} == {1, 2, 4, *range(8, 65, 8)}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(ARCHITECTURES),
    asks=some_asks(PROMPTS, 12),
    blocks=st.integers(12, 60),
    slots=st.integers(1, 11),
    ahead=st.integers(0, 1),
)
def test_recorded_answers_equal_generate(
    pairs: Pairs, name: str, asks: list[Ask], blocks: int, slots: int, ahead: int
) -> None:
    reference, model = pairs[name]
    rig = PagedRig(model, blocks=blocks, slots=slots, ahead=ahead, record=StandIn())
    check(rig.serve(asks), asks, reference)
    assert rig.is_clean()
    assert rig.graphs is not None and not rig.graphs._failed


def test_each_number_of_rows_is_recorded_once_with_adapters_and_without(pairs: Pairs) -> None:
    reference, model = pairs["llama"]
    stand_in = StandIn()
    rig = PagedRig(model, record=stand_in)
    plain = [Ask(prompt=PROMPTS[number]) for number in (0, 1, 2)]
    mixed = [
        Ask(prompt=PROMPTS[number], adapter=name) for number, name in enumerate(["", "1", "2"])
    ]
    for asks in (plain, mixed, plain):
        check(rig.serve(asks), asks, reference)
    assert stand_in.recorded == [4, 4]
    # The first step of each answer is a prefill, and each recorded step is computed twice.
    assert stand_in.repeated == [4] * (3 * 23)


def test_rows_of_nobody_leave_the_blocks_of_others_alone(pairs: Pairs) -> None:
    model = pairs["llama"][1]
    asks = [Ask(prompt=PROMPTS[number], comes=number) for number in range(5)]
    rigs = [PagedRig(model), PagedRig(model, record=StandIn())]
    for rig in rigs:
        rig.serve(asks)
    for eager, recorded in zip(*(rig.paged._pools.values() for rig in rigs), strict=True):
        for one, other in zip(eager, recorded, strict=True):
            torch.testing.assert_close(one[:-1], other[:-1])
            assert not one[-1].any() and other[-1].any()


def test_longer_tables_than_recorded_are_computed_as_they_are(pairs: Pairs) -> None:
    reference, model = pairs["llama"]
    stand_in = StandIn()
    rig = PagedRig(model, record=stand_in, tokens=64)
    asks = [Ask(prompt=PROMPTS[4]), Ask(prompt=PROMPTS[0], comes=6)]
    check(rig.serve(asks), asks, reference)
    assert rig.graphs is not None
    assert len(stand_in.repeated) < 24


def test_what_cannot_be_recorded_is_computed_as_it_is(
    pairs: Pairs, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(compute: Compute) -> Compute:
        raise RuntimeError("operation not permitted when stream is capturing")

    reference, model = pairs["llama"]
    rig = PagedRig(model, record=fail)
    asks = [Ask(prompt=prompt, comes=at) for at, prompt in enumerate(PROMPTS)]
    with caplog.at_level(logging.WARNING):
        check(rig.serve(asks), asks, reference)
    assert [record.getMessage() for record in caplog.records] == [
        "no more CUDA graphs, decoding will be slower: a step of 1 rows cannot be recorded: "
        "operation not permitted when stream is capturing"
    ]


def test_a_recording_that_says_something_else_is_not_used(
    pairs: Pairs, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong(compute: Compute) -> Compute:
        return lambda: compute().roll(1, 0)

    reference, model = pairs["llama"]
    rig = PagedRig(model, record=wrong)
    asks = [Ask(prompt=prompt) for prompt in PROMPTS[:3]]
    with caplog.at_level(logging.WARNING):
        check(rig.serve(asks), asks, reference)
    assert "a recorded step of 4 rows errs by" in caplog.text
