"""transformers' `generate`: one request after another, and all of them as one padded batch."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.bench.engine.messages import Job, Order, Run
from madang.bench.engine.peers.transformers_model import load_model

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PAD = 0


class Clock:
    """Stamp every step of `generate`, which takes it for a streamer."""

    def __init__(self, begin: float) -> None:
        self._begin = begin
        self._stamps: list[float] = []

    @property
    def times(self) -> list[float]:
        """Return the seconds from `begin` to each step; the first call brings the prompt."""
        return self._stamps[1:]

    def put(self, value: "torch.Tensor") -> None:
        """Take the tokens of one step."""
        self._stamps.append(time.perf_counter() - self._begin)

    def end(self) -> None:
        """Take the end, which needs no stamp."""


@contextmanager
def open_card_loop(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Do what the cards of the seed models do: `generate`, one request after another."""
    model = load_model(job)
    yield lambda order: _one_by_one(model, order)


@contextmanager
def open_padded(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Give `generate` all requests as one batch, padded on the left."""
    model = load_model(job)
    yield lambda order: _padded(model, order)


def _one_by_one(model: "PreTrainedModel", order: Order) -> Run:
    begin = time.perf_counter()
    arrivals, tokens = [], []
    for ask in order.asks:
        clock = Clock(begin)
        tokens += _generate(model, [ask.ids], order.new_tokens, clock)
        arrivals.append(clock.times)
    return Run(time.perf_counter() - begin, arrivals, tokens)


def _padded(model: "PreTrainedModel", order: Order) -> Run:
    begin = time.perf_counter()
    clock = Clock(begin)
    tokens = _generate(model, [ask.ids for ask in order.asks], order.new_tokens, clock)
    return Run(time.perf_counter() - begin, [clock.times] * len(tokens), tokens)


def _generate(
    model: "PreTrainedModel", prompts: list[list[int]], new_tokens: int, clock: Clock
) -> list[list[int]]:
    import torch

    width = max(map(len, prompts))
    padded = [[PAD] * (width - len(ids)) + ids for ids in prompts]
    seen = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
    generate: Any = model.generate
    output = generate(
        input_ids=torch.tensor(padded, device=model.device),
        attention_mask=torch.tensor(seen, device=model.device),
        do_sample=False,
        max_new_tokens=new_tokens,
        pad_token_id=PAD,
        streamer=clock,
    )
    ids: list[list[int]] = output[:, width:].tolist()
    return ids
