"""Tokens that are drawn in batches come as often as `generate` would draw them."""

from collections import Counter
from typing import Any

import pytest
import torch
from tests.core.inference.engine.conftest import Pair
from tests.core.inference.engine.rig import Ask, Prompt, Reference, Rig, prompts

from madang.contract import Sampling
from madang.inference.sampler import processors

DRAWS = 1500
PROMPT = prompts()[2]
SAMPLINGS = (
    Sampling(temperature=1.0, top_k=12),
    Sampling(temperature=2.0, top_p=0.6, repetition_penalty=1.2),
    Sampling(temperature=3.0, min_p=0.1),
    Sampling(temperature=4.0),
)


def probabilities(reference: Reference, tokens: Prompt, sampling: Sampling) -> torch.Tensor:
    """Return with what probability `generate` draws each token next."""
    ids: Any = torch.tensor([tokens])
    scores = processors(sampling)(ids, reference.logits(tokens, "")[-1:])
    return torch.as_tensor(scores)[0].double().softmax(-1)


def unlikely(counts: Counter[int], expected: torch.Tensor) -> float:
    """Return chi-square in standard deviations from its mean; rare tokens count as one."""
    draws = counts.total()
    common = [token for token in expected.nonzero()[:, 0].tolist() if expected[token] * draws >= 8]
    wanted = [float(expected[token]) * draws for token in common]
    found = [float(counts[token]) for token in common]
    if draws - sum(wanted) >= 8:
        wanted.append(draws - sum(wanted))
        found.append(draws - sum(found))
    chi = sum((got - want) ** 2 / want for got, want in zip(found, wanted, strict=True))
    free = max(1, len(wanted) - 1)
    return float((chi - free) / (2 * free) ** 0.5)


def with_seed(sampling: Sampling, seed: int) -> Sampling:
    """Return the same with a seed."""
    settings = {name: getattr(sampling, name) for name in sampling.__struct_fields__}
    return Sampling(**{**settings, "seed": seed})


@pytest.mark.parametrize("ahead", [0, 1])
def test_first_and_second_tokens_come_as_often_as_they_should(
    pairs: dict[str, Pair], ahead: int
) -> None:
    reference, model = pairs["llama"]
    asks = [
        Ask(prompt=PROMPT, room=2, sampling=with_seed(sampling, seed))
        for seed in range(DRAWS)
        for sampling in SAMPLINGS
    ]
    rig = Rig(model, slots=64, blocks=64 * 3, prefill=512, prefill_beside=512, ahead=ahead)
    answers = rig.serve(asks)
    for number, sampling in enumerate(SAMPLINGS):
        said = [answer.tokens for answer in answers[number :: len(SAMPLINGS)]]
        first = Counter(tokens[0] for tokens in said)
        expected = probabilities(reference, PROMPT, sampling)
        assert all(expected[token] > 0 for token in first)
        assert len(first) > 3
        assert abs(unlikely(first, expected)) < 4
        token, _ = first.most_common(1)[0]
        second = Counter(tokens[1] for tokens in said if tokens[0] == token)
        expected = probabilities(reference, (*PROMPT, token), sampling)
        assert all(expected[other] > 0 for other in second)
        assert unlikely(second, expected) < 4, sampling
    assert rig.engine.metrics.mean_batch > 20


def test_a_wrong_distribution_would_be_seen(pairs: dict[str, Pair]) -> None:
    reference, _ = pairs["llama"]
    random = torch.Generator().manual_seed(0)
    drawn_of = probabilities(reference, PROMPT, Sampling(temperature=3.0))
    drawn = torch.multinomial(drawn_of, DRAWS, replacement=True, generator=random)
    counts = Counter(drawn.tolist())
    assert abs(unlikely(counts, drawn_of)) < 4
    assert unlikely(counts, probabilities(reference, PROMPT, Sampling(temperature=2.0))) > 4
