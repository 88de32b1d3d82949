"""Drawing the next token of every row of a batch, against transformers' processors."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan
from random import Random
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from madang.contract import Sampling
from madang.inference.engine.choice import border, limits, pick, weigh
from madang.inference.engine.history import History
from madang.inference.engine.peaks import BLOCK, padded, peaks, ranked
from madang.inference.engine.sampled import Kind, Row, groups
from madang.inference.engine.sampling import Sampler
from madang.inference.sampler import processors

CPU = torch.device("cpu")
SMALL = 40
LARGE = 30 * BLOCK + 7  # more blocks than are looked at for a few candidates, and a ragged end

samplings = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.3, 0.7, 1.0, 2.5]),
    top_k=st.sampled_from([0, 0, 1, 3, 20, 70, 600, 10_000]),
    top_p=st.sampled_from([1.0, 1.0, 0.05, 0.5, 0.9, 0.999]),
    min_p=st.sampled_from([0.0, 0.0, 0.001, 0.1, 1.0]),
    repetition_penalty=st.sampled_from([1.0, 1.0, 0.8, 1.3]),
    seed=st.integers(-(2**70), 2**70),
)
vocabularies = st.sampled_from([SMALL, 2 * BLOCK, LARGE])
# A spread of 1 is nearly flat, so that a nucleus is wide; 4 is as peaked as a language model.
spreads = st.sampled_from([1.0, 4.0])
noises = st.integers(0, 2**32)
PROMPT = (3, 1, 3)

quick = settings(max_examples=60, deadline=None, derandomize=True)


def random_logits(noise: int, rows: int, vocabulary: int, spread: float = 4.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(noise)
    return torch.randn(rows, vocabulary, generator=generator) * spread


def draws(sampling: Sampling, steps: Sequence[torch.Tensor]) -> list[int]:
    """Draw for one sequence alone."""
    sampler = opened([sampling], steps[0].shape[1])
    return [int(sampler.draw(step, [0])) for step in steps]


def opened(
    samplings: Sequence[Sampling], vocabulary: int, prompts: Sequence[Sequence[int]] = ()
) -> Sampler:
    sampler = Sampler(rows=len(samplings), length=4, vocabulary=vocabulary, device=CPU)
    for row, sampling in enumerate(samplings):
        sampler.open(row, sampling, prompts[row] if prompts else PROMPT)
    return sampler


def processed(sampling: Sampling, tokens: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
    """Return what transformers makes of one row of logits."""
    ids = cast("torch.LongTensor", torch.tensor([tokens], dtype=torch.long))
    return processors(sampling)(ids, cast("torch.FloatTensor", logits.float()[None]))[0]


def share_of(token: int, probabilities: torch.Tensor) -> tuple[float, float]:
    """Return between which random numbers `token` is drawn, in the order of the vocabulary."""
    ends = probabilities.double().cumsum(0)
    return float(ends[token] - probabilities[token]), float(ends[token])


@quick
@given(samplings, noises, vocabularies, spreads)
def test_tokens_are_those_of_the_processors(
    sampling: Sampling, noise: int, vocabulary: int, spread: float
) -> None:
    logits = random_logits(noise, 1, vocabulary, spread)
    tokens = [3, 1, 3]
    sampler = opened([sampling], vocabulary, [tokens])
    numbers = Random(sampling.seed)
    for _ in range(8):
        expected = processed(sampling, tokens, logits[0])
        token = int(sampler.draw(logits, [0]))
        tokens.append(token)
        if sampling.temperature == 0:
            assert token == expected.argmax()
        else:
            low, high = share_of(token, expected.softmax(0))
            assert low - 1e-5 < numbers.random() < high + 1e-5
            assert expected[token] > -inf


@quick
@given(samplings.filter(lambda sampling: sampling.temperature > 0), noises, vocabularies, spreads)
def test_candidates_are_those_of_the_processors(
    sampling: Sampling, noise: int, vocabulary: int, spread: float
) -> None:
    sampling = structs.replace(sampling, repetition_penalty=1.0)
    logits = random_logits(noise, 1, vocabulary, spread)
    best = logits.max(1, keepdim=True).values
    asked = limits([sampling], CPU)
    weighed = weigh(logits.clone(), best, asked)
    kept = logits >= border(logits, weighed, ranked(logits), best, asked)
    assert torch.equal(kept[0], processed(sampling, [0], logits[0]).isfinite())


@quick
@given(st.lists(samplings, min_size=1, max_size=6), noises, vocabularies, spreads, st.data())
def test_company_and_number_do_not_matter(
    several: list[Sampling], noise: int, vocabulary: int, spread: float, data: st.DataObject
) -> None:
    steps = [random_logits(noise + at, len(several), vocabulary, spread) for at in range(5)]
    alone = [
        draws(sampling, [row[at, None] for row in steps]) for at, sampling in enumerate(several)
    ]
    numbers = data.draw(st.permutations(range(len(several))))
    sampler = Sampler(rows=len(several), length=4, vocabulary=vocabulary, device=CPU)
    for number, sampling in zip(numbers, several, strict=True):
        sampler.open(number, sampling, PROMPT)
    together: list[list[int]] = [[] for _ in several]
    for step in steps:
        present = data.draw(st.permutations(range(len(several))))
        tokens = sampler.draw(step[list(present)], [numbers[at] for at in present])
        for at, token in zip(present, tokens.tolist(), strict=True):
            together[at].append(token)
    assert together == alone


@quick
@given(samplings, noises, vocabularies, st.integers(0, 8))
def test_a_preempted_row_goes_on(
    sampling: Sampling, noise: int, vocabulary: int, before: int
) -> None:
    steps = [random_logits(noise + at, 1, vocabulary) for at in range(8)]
    straight = draws(sampling, steps)
    sampler = opened([sampling, Sampling()], vocabulary)
    first = [int(sampler.draw(step, [0])) for step in steps[:before]]
    sampler.close(0)
    sampler.open(1, sampling, [*PROMPT, *first], drawn=before)
    rest = [int(sampler.draw(step, [1])) for step in steps[before:]]
    assert first + rest == straight


@quick
@given(samplings, samplings, noises)
def test_a_number_used_again_remembers_nothing(
    first: Sampling, second: Sampling, noise: int
) -> None:
    steps = [random_logits(noise + at, 1, SMALL, 1.0) for at in range(4)]
    sampler = opened([first], SMALL, [range(SMALL)])
    sampler.draw(steps[0], [0])
    sampler.close(0)
    sampler.open(0, second, PROMPT)
    assert [int(sampler.draw(step, [0])) for step in steps] == draws(second, steps)


@quick
@given(st.lists(samplings, min_size=2, max_size=5), noises, vocabularies)
def test_among_few_and_among_all_the_same_is_found(
    several: list[Sampling], noise: int, vocabulary: int
) -> None:
    width = padded(vocabulary)
    scores = torch.full((len(several), width), -inf)
    scores[:, :vocabulary] = random_logits(noise, len(several), vocabulary, 1.0)
    found = peaks(scores)
    for place, sampling in enumerate(several):
        if sampling.temperature:
            (few,) = groups({place: Row(sampling, 0)}, width, CPU)
            every = replace(few, rows=(Row(sampling, 0),), kind=Kind((), limited=True))
            assert torch.equal(few.draw(found), every.draw(found))


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=0.7, top_k=12, top_p=0.9, seed=5),
        Sampling(temperature=1.3, seed=6),
        Sampling(temperature=1.0, min_p=0.05, repetition_penalty=1.2, seed=7),
        Sampling(temperature=1.0, top_p=0.8, seed=8),
    ],
)
def test_draws_follow_the_probabilities(sampling: Sampling) -> None:
    count = 20_000
    logits = random_logits(11, 1, SMALL, 1.5)
    every = [structs.replace(sampling, seed=seed) for seed in range(count)]
    drawn = opened(every, SMALL, [PROMPT] * count).draw(logits.expand(count, -1), range(count))
    expected = processed(sampling, PROMPT, logits[0]).softmax(0) * count
    seen = torch.bincount(drawn, minlength=SMALL)
    assert not seen[expected == 0].any()
    possible = expected > 0
    squares = ((seen - expected) ** 2 / expected)[possible].sum()
    freedom = int(possible.sum()) - 1
    assert squares < freedom + 4 * (2 * freedom) ** 0.5


def test_a_broken_row_gets_no_token_and_the_others_do() -> None:
    several = [
        Sampling(repetition_penalty=1.2),
        Sampling(temperature=1.0, top_p=0.9, seed=1, repetition_penalty=1.2),
        Sampling(temperature=1.0, top_k=3, seed=1),
        Sampling(temperature=1.0, seed=1),
    ]
    clean = random_logits(3, 2 * len(several), LARGE)
    expected = opened(several * 2, LARGE).draw(clean, range(8))
    logits = clean.clone()
    logits[0, 17] = nan
    logits[1, LARGE - 1] = nan
    logits[2] = -inf
    logits[3, 0] = inf
    sampler = opened(several * 2, LARGE)
    assert sampler.draw(logits, range(8)).tolist() == [-1] * 4 + expected[4:].tolist()
    assert (sampler.draw(clean, range(8)) >= 0).all()


def test_one_of_equals_is_chosen_alike_everywhere() -> None:
    level = torch.zeros(2, LARGE)
    level[:, 5] = level[:, LARGE - 1] = 1.0
    assert opened([Sampling()] * 2, LARGE).draw(level, [0, 1]).tolist() == [5, 5]
    # Equals of the last one that top_k allows are all allowed, as TopKLogitsWarper has it.
    every = [Sampling(temperature=1.0, top_k=3, seed=seed) for seed in range(200)]
    drawn = opened(every, LARGE).draw(level[:1].expand(200, -1), range(200))
    assert len(set(drawn.tolist())) > 150


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_short_logits_are_drawn_in_fp32(dtype: torch.dtype) -> None:
    short = random_logits(4, 2, LARGE).to(dtype)
    several = [Sampling(repetition_penalty=1.1), Sampling(temperature=0.5, top_p=0.9, seed=2)]
    drawn = opened(several, LARGE).draw(short, [0, 1])
    assert drawn.tolist() == opened(several, LARGE).draw(short.float(), [0, 1]).tolist()


def test_tokens_outside_the_vocabulary_are_not_penalised() -> None:
    logits = torch.tensor([[2.0, 1.9, 0.0]])
    sampler = opened([Sampling(repetition_penalty=2.0)], 3, [[3, 70]])
    assert [int(sampler.draw(logits, [0])) for _ in range(3)] == [0, 1, 0]


def test_a_penalty_beyond_fp32_harms_its_own_row_once() -> None:
    logits = random_logits(5, 2, SMALL)
    sampler = opened([Sampling(), Sampling(repetition_penalty=1e-60)], SMALL)
    best = logits.argmax(1).tolist()
    assert sampler.draw(logits, [1, 0])[1] == best[1]
    assert sampler.draw(logits[:1], [0]).tolist() == best[:1]


def test_a_draw_that_failed_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [Sampling(temperature=1.0, seed=seed, repetition_penalty=1.3) for seed in (3, 4)]
    logits = random_logits(8, 2, LARGE, 1.0)
    sampler, failing = opened(several, LARGE), opened(several, LARGE)
    expected = [sampler.draw(logits, [0, 1]).tolist() for _ in range(3)]
    with monkeypatch.context() as patched, pytest.raises(torch.OutOfMemoryError):
        patched.setattr(History, "append", _out_of_memory)
        failing.draw(logits, [0, 1])
    assert [failing.draw(logits, [0, 1]).tolist() for _ in range(3)] == expected


def _out_of_memory(*_: object) -> None:
    raise torch.OutOfMemoryError


@quick
@given(st.lists(samplings, min_size=1, max_size=5))
def test_away_from_the_cpu_no_value_is_looked_at(several: list[Sampling]) -> None:
    # Tensors on this device have no values: a look at one raises, like a needless wait on a GPU.
    meta = torch.device("meta")
    sampler = Sampler(rows=len(several), length=4, vocabulary=LARGE, device=meta)
    for row, sampling in enumerate(several):
        sampler.open(row, sampling, PROMPT)
    logits = torch.empty(len(several), LARGE, dtype=torch.bfloat16, device=meta)
    for _ in range(3):
        assert sampler.draw(logits, range(len(several))).shape == (len(several),)


def test_an_unseeded_row_draws_something_else_each_time() -> None:
    level = torch.zeros(1, LARGE)
    drawn = {tuple(draws(Sampling(temperature=1.0), [level] * 4)) for _ in range(4)}
    assert len(drawn) == 4


@pytest.mark.parametrize("temperature", [1e-45, 1e-6])
def test_the_coldest_is_greedy(temperature: float) -> None:
    logits = random_logits(9, 1, LARGE)
    cold = Sampling(temperature=temperature, top_p=0.9, seed=1)
    assert draws(cold, [logits]) == [int(logits.argmax())]


@given(st.sampled_from([1, 7, BLOCK, 3 * BLOCK]), noises, st.floats(0, 1, exclude_max=True))
@quick
def test_nothing_without_weight_is_picked(width: int, noise: int, share: float) -> None:
    generator = torch.Generator().manual_seed(noise)
    weighed = torch.rand(1, width, generator=generator)
    weighed *= torch.rand(1, width, generator=generator) < 0.2
    weighed[0, noise % width] = 1.0
    assert weighed[0, pick(weighed, torch.tensor([share], dtype=torch.float64))] > 0
