"""The prompts of a round: drawn anew for every run, so that no cache has seen them."""

import random
from collections.abc import Sequence

from madang.bench.engine.messages import Ask, Order
from madang.bench.engine.shapes import Shape

SHORTEST, LONGEST = 20, 120  # tokens of a prompt


def order_of(
    shape: Shape, requests: int, new_tokens: int, run: str, adapters: Sequence[str] = ("",)
) -> Order:
    """Return `requests` prompts of 20 to 120 random tokens; `run` names the draw.

    The lengths are the same in every run of as many requests, and so the work is. The requests
    take the `adapters` in turn.
    """
    lengths = random.Random(requests)
    words = random.Random(run)
    sizes = [lengths.randint(SHORTEST, LONGEST) for _ in range(requests)]
    prompts = [[words.randrange(1, shape.vocabulary) for _ in range(size)] for size in sizes]
    asks = [Ask(ids, adapters[at % len(adapters)]) for at, ids in enumerate(prompts)]
    return Order(asks, new_tokens)
