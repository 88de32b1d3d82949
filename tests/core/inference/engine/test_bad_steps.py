"""One request that breaks, and the others that go on as if nothing were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from tests.core.inference.engine.conftest import Pair
from tests.core.inference.engine.rig import Answer, Ask, Reference, Rig, prompts

from madang.inference.engine.tier import Tier
from madang.inference.loaded import Loaded

POISON = 511
GOOD = prompts()
Fresh = Callable[[str], Loaded]
Fails = Callable[[list[int]], Exception | None]


@pytest.fixture
def poisoned(fresh: Fresh) -> Loaded:
    """Give a model for which one token is no number."""
    model = fresh("llama")
    base: Any = model.model
    with torch.no_grad():
        base.get_input_embeddings().weight[POISON] = torch.nan
    return model


def bad(length: int, at: int) -> Ask:
    """Ask something that has the poison in it."""
    prompt = [5 + number % 400 for number in range(length)]
    prompt[at] = POISON
    return Ask(prompt=tuple(prompt), comes=3)


def good(reference: Reference, adapter: str = "") -> list[tuple[Ask, list[int]]]:
    """Ask what is right at several times, and say what is answered."""
    return [
        (Ask(prompt=prompt, adapter=adapter, comes=5 * at), reference.answer(prompt, adapter))
        for at, prompt in enumerate(GOOD)
    ]


def check(rig: Rig, pairs: list[tuple[Ask, list[int]]], others: list[Ask]) -> list[Answer]:
    """Serve right and wrong ones together; the right ones get what they should."""
    asks = [ask for ask, _ in pairs]
    answers = rig.serve([*others, *asks])
    for answer, (_, expected) in zip(answers[len(others) :], pairs, strict=True):
        assert (answer.error, answer.tokens) == (None, expected)
    assert rig.is_clean()
    return answers[: len(others)]


@contextmanager
def failing(model: Loaded, fails: Fails) -> Iterator[list[int]]:
    """Have a forward pass raise what `fails` says to its tokens; count the passes that failed."""
    failed: list[int] = []

    def look(module: object, args: object, given: dict[str, Any]) -> None:
        ids = given["input_ids"][0].tolist()
        if error := fails(ids):
            failed.append(len(ids))
            raise error

    handle = model.model.register_forward_pre_hook(look, with_kwargs=True)
    try:
        yield failed
    finally:
        handle.remove()


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize(("length", "at"), [(3, 2), (20, 0), (200, 40), (200, 199)])
def test_what_is_no_number_stays_with_its_request(
    poisoned: Loaded, pairs: dict[str, Pair], length: int, at: int, ahead: int
) -> None:
    reference, _ = pairs["llama"]
    rig = Rig(poisoned, ahead=ahead, prefill=60)
    for _ in range(2):  # the second ones find the rows of the first
        (answer,) = check(rig, good(reference), [bad(length, at)])
        assert answer.error is not None and answer.tokens == []
        assert "model 'tiny' failed while it generated: its logits are no numbers" in str(
            answer.error
        )
        check(rig, good(reference), [])


def test_what_is_no_number_goes_with_who_is_cancelled(
    poisoned: Loaded, pairs: dict[str, Pair]
) -> None:
    rig = Rig(poisoned, prefill=4, prefill_beside=4, slots=2)
    asks = good(pairs["llama"][0])
    for goes in range(4, 12):
        ask = bad(30, 1)
        ask.goes = goes
        assert check(rig, asks, [ask])[0].tokens == []


def test_what_is_no_number_goes_with_who_loses_its_blocks(
    poisoned: Loaded, pairs: dict[str, Pair]
) -> None:
    reference, _ = pairs["llama"]
    asks = [(Ask(prompt=p, room=20), reference.answer(p, "", 20)) for p in GOOD[:3]]
    ask = bad(60, 1)
    ask.priority = 1
    rig = Rig(poisoned, blocks=15, prefill=20, prefill_beside=1, slots=4)
    (answer,) = check(rig, asks, [ask])
    assert answer.error is not None
    assert rig.engine.metrics.preemptions


def test_an_adapter_that_runs_over_spoils_only_its_own(
    fresh: Fresh, pairs: dict[str, Pair]
) -> None:
    model = fresh("llama")
    reference, _ = pairs["llama"]
    for module in model.model.modules():
        extend = getattr(module, "_extend", None)
        if extend is not None:  # the columns of adapter 1 come first
            extend._down._weight[:4] = 3e38
    asks = [*good(reference), *good(reference, "2")]
    rig = Rig(model, slots=16, blocks=200)
    answers = check(rig, asks, [Ask(prompt=prompt, adapter="1") for prompt in GOOD])
    assert all(answer.error for answer in answers)


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("error", [RuntimeError, IndexError, ValueError])
def test_who_makes_the_model_fail_is_alone_in_it(
    pairs: dict[str, Pair], error: type[Exception], ahead: int
) -> None:
    reference, model = pairs["llama"]
    rig = Rig(model, ahead=ahead)

    def fails(ids: list[int]) -> Exception | None:
        return error("that one") if POISON in ids else None

    with failing(model, fails):
        (answer,) = check(rig, good(reference), [bad(20, 11)])
        assert "failed while it generated: that one" in str(answer.error)
        check(rig, good(reference), [])


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("most", [1, 5, 30])
def test_a_batch_that_memory_does_not_hold_is_made_smaller(
    pairs: dict[str, Pair], most: int, ahead: int
) -> None:
    reference, model = pairs["llama"]
    rig = Rig(model, ahead=ahead, prefill_beside=64)

    def fails(ids: list[int]) -> Exception | None:
        return torch.OutOfMemoryError("CUDA out of memory") if len(ids) > most else None

    with failing(model, fails) as failed:
        check(rig, good(reference), [])
    assert failed
    check(rig, good(reference), [])


@pytest.mark.parametrize("part", ["add", "take", "layer"])
def test_memory_that_a_row_does_not_get_fails_nobody(
    pairs: dict[str, Pair], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, model = pairs["llama"]
    monkeypatch.setattr("madang.inference.engine.rows.SHORTEST", 32)
    rig = Rig(model, size=4, blocks=200)
    whole, calls = getattr(Tier, part), [0]

    def now_and_then(*args: Any) -> Any:
        calls[0] += 1
        if calls[0] in (1, 3, 7, 12):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return whole(*args)

    monkeypatch.setattr(Tier, part, now_and_then)
    for _ in range(2):  # the second ones find blocks of the first
        check(rig, good(reference), [])
    assert calls[0] > 5


def test_nobody_says_the_poison_unasked(pairs: dict[str, Pair]) -> None:
    for adapter in ("", "1", "2"):
        for ask, answered in good(pairs["llama"][0], adapter):
            assert POISON not in ask.prompt
            assert POISON not in answered
