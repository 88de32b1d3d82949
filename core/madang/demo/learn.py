"""Fit a causal language model to encoded dialogues."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from madang.demo.tokens import IGNORED, Example

Say = Callable[[str], None]

DECIDING = 3
"""How many tokens decide what an answer says; the others follow from them."""

DECIDING_WEIGHT = 5.0


class Schedule(NamedTuple):
    """Hold how to fit: the peak rate, its warm-up and decay as shares of all steps."""

    rate: float
    warm_up: float = 0.03
    decay: float = 0.45
    weight_decay: float = 0.1
    batch_tokens: int = 2048

    def factor(self, done: float) -> float:
        """Return the rate at a share of the steps, relative to the peak."""
        if done < self.warm_up:
            return done / self.warm_up
        return min(1.0, max(0.02, (1 - done) / self.decay))


def batches(examples: list[Example], tokens: int, rng: random.Random) -> list[list[Example]]:
    """Group examples of like length into batches that fit a number of tokens when padded."""
    groups: list[list[Example]] = [[]]
    for example in sorted(examples, key=lambda e: len(e.ids) + rng.random()):
        if len(example.ids) * (len(groups[-1]) + 1) > tokens and groups[-1]:
            groups.append([])
        groups[-1].append(example)
    rng.shuffle(groups)
    return groups


def _padded(rows: list[list[int]], filler: int, device: torch.device) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=device)


def loss_of(model: Any, batch: list[Example], device: torch.device) -> Tensor:
    """Return the mean cross entropy of the answer tokens of one batch.

    The first tokens of an answer weigh more, since they show what the question was taken for.
    Padding stands on the right, where causal attention keeps it out of sight, and the
    vocabulary is projected only where there is something to learn.
    """
    ids = _padded([e.ids for e in batch], 0, device)
    labels = _padded([e.labels for e in batch], IGNORED, device)[:, 1:]
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    wanted = labels != IGNORED
    logits = model.lm_head(hidden[wanted]).float()
    losses = functional.cross_entropy(logits, labels[wanted], reduction="none")
    weights = _weights(wanted)[wanted]
    return (losses * weights).sum() / weights.sum()


def _weights(wanted: Tensor) -> Tensor:
    """Return the weight of every position, heavier at the start of each answer."""
    deciding = torch.ones_like(wanted)
    deciding[:, DECIDING:] = ~wanted[:, :-DECIDING]
    return torch.where(deciding, DECIDING_WEIGHT, 1.0)


def _optimizer(model: Any, schedule: Schedule) -> torch.optim.AdamW:
    trained = [p for p in model.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=schedule.rate,
        betas=(0.9, 0.95),
    )


def fit(
    model: Any, examples: list[Example], schedule: Schedule, rng: random.Random, say: Say
) -> None:
    """Train the model's trainable weights on every example once."""
    device = next(model.parameters()).device
    optimizer = _optimizer(model, schedule)
    steps = batches(examples, schedule.batch_tokens, rng)
    started = time.monotonic()
    model.train()
    for done, loss in enumerate(_losses(model, optimizer, steps, schedule, device), 1):
        if done % 100 == 0 or done == len(steps):
            seconds = time.monotonic() - started
            say(f"step {done}/{len(steps)} loss {loss.item():.3f} {seconds:.0f} s")
    model.eval()


def _losses(
    model: Any,
    optimizer: torch.optim.AdamW,
    steps: list[list[Example]],
    schedule: Schedule,
    device: torch.device,
) -> Iterator[Tensor]:
    for number, batch in enumerate(steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate * schedule.factor((number + 1) / len(steps))
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_of(model, batch, device)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.detach()
