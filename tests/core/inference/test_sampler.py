"""Drawing the next token."""

from collections import Counter
from typing import Any

import pytest
import torch

from madang.contract import Sampling
from madang.errors import UnsupportedParameter
from madang.inference.sampler import Sampler, processors

CPU = torch.device("cpu")
LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0]])


def draws(count: int, prompt: tuple[int, ...] = (), **sampling: Any) -> list[int]:
    asked = Sampling(seed=3, **sampling)
    sampler = Sampler(asked, prompt, count, CPU)
    return [sampler.draw(LOGITS) for _ in range(count)]


def test_draws_follow_the_probabilities() -> None:
    count = 4000
    drawn = Counter(draws(count, temperature=0.5))
    for token, probability in enumerate((LOGITS[0] / 0.5).softmax(0).tolist()):
        spread = (probability * (1 - probability) / count) ** 0.5
        assert abs(drawn[token] / count - probability) < 4 * spread + 1e-3


@pytest.mark.parametrize(
    ("sampling", "possible"),
    [
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.5}, {0}),
        ({"min_p": 0.3}, {0, 1}),
        ({"top_k": 3, "min_p": 0.1}, {0, 1, 2}),
    ],
)
def test_cut_tokens_never_come(sampling: dict[str, Any], possible: set[int]) -> None:
    assert set(draws(400, temperature=1.0, **sampling)) == possible


def test_the_penalty_looks_at_prompt_and_output() -> None:
    assert draws(2, prompt=(0,), repetition_penalty=3.0) == [1, 0]
    assert draws(1, prompt=(0,)) == [0]


def test_the_processors_come_in_the_order_of_generate() -> None:
    asked = Sampling(repetition_penalty=1.1, temperature=0.7, top_k=5, top_p=0.9, min_p=0.1)
    assert [type(processor).__name__ for processor in processors(asked)] == [
        "RepetitionPenaltyLogitsProcessor",
        "TemperatureLogitsWarper",
        "TopKLogitsWarper",
        "TopPLogitsWarper",
        "MinPLogitsWarper",
    ]


def test_bf16_logits_are_drawn_in_fp32() -> None:
    sampler = Sampler(Sampling(temperature=1.0, seed=1), (), 1, CPU)
    assert sampler.draw(LOGITS.bfloat16()) in range(4)


@pytest.mark.parametrize(
    "sampling",
    [{"temperature": -1.0}, {"top_p": 1.5}, {"min_p": 2.0}, {"repetition_penalty": 0.0}],
)
def test_values_out_of_range_are_refused(sampling: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedParameter, match="out of range"):
        draws(1, **{"temperature": 1.0, **sampling})
