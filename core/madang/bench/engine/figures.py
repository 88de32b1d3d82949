"""Figures of a run, defined once for every candidate.

- total: all tokens generated, over the time from submitting all requests to the last token.
- prefill: all prompt tokens, over the time of a run of its own with one new token each.
- decode: the tokens that arrived while every request was decoding, which is after the last of
  the first tokens and until the first of the last, over the length of that interval; None where
  there is no such interval, as when requests are served one after another.
- time to first token: from submitting all requests, so it includes waiting for others.
- between tokens: from each token of a request to its next.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from madang.bench.engine.messages import Order, Run
from madang.errors import ModelError

Number = float | None
Figures = dict[str, Number]


def check_run(name: str, order: Order, run: Run) -> None:
    """Raise `ModelError` unless every answer has the tokens that were ordered."""
    counts = [*map(len, run.tokens), *map(len, run.arrivals)]
    if len(counts) != 2 * len(order.asks) or set(counts) != {order.new_tokens}:
        raise ModelError(
            f"candidate '{name}' was asked for {order.new_tokens} tokens by {len(order.asks)} "
            f"requests each and generated {sorted(map(len, run.tokens))}"
        )


def served(run: Run) -> Figures:
    """Return the figures of a run with whole answers; speeds are tokens a second."""
    first = [times[0] for times in run.arrivals]
    between = [after - before for times in run.arrivals for before, after in pairwise(times)]
    return {
        "total_tokens_per_second": total_speed(run),
        "decode_tokens_per_second": decode_speed(run),
        "ttft_p50_ms": _ms(first, 50),
        "ttft_p95_ms": _ms(first, 95),
        "between_tokens_p50_ms": _ms(between, 50),
        "between_tokens_p95_ms": _ms(between, 95),
    }


def total_speed(run: Run) -> float:
    """Return all generated tokens over the whole time."""
    return sum(map(len, run.tokens)) / run.seconds


def prefill_speed(order: Order, run: Run) -> float:
    """Return all prompt tokens over the whole time of a run with one new token each."""
    return sum(len(ask.ids) for ask in order.asks) / run.seconds


def decode_speed(run: Run) -> Number:
    """Return the tokens a second while every request was decoding."""
    begin = max(times[0] for times in run.arrivals)
    end = min(times[-1] for times in run.arrivals)
    count = sum(begin < time <= end for times in run.arrivals for time in times)
    return count / (end - begin) if end > begin else None


def medians(rounds: Sequence[Mapping[str, Number]]) -> Figures:
    """Return the median of each figure over the rounds; None where no round has it."""
    return {key: median([each[key] for each in rounds]) for key in rounds[0]}


def median(values: Sequence[Number]) -> Number:
    """Return the median of those that are there."""
    return combined(values, statistics.median)


def combined(values: Sequence[Number], how: Callable[[list[float]], float]) -> Number:
    """Return `how` of those that are there, rounded for people; None if there are none."""
    known = [value for value in values if value is not None]
    return rounded(how(known)) if known else None


def ratio(ours: Number, theirs: Number) -> Number:
    """Return ours over theirs, or None where one of them was not measured."""
    return rounded(ours / theirs) if ours and theirs else None


def rounded(value: float) -> float:
    """Keep four significant digits or one decimal."""
    return round(value, 1) if abs(value) >= 1000 else float(f"{value:.4g}")


def _ms(seconds: Sequence[float], percent: int) -> Number:
    if len(seconds) < 2:
        return 1e3 * seconds[0] if seconds else None
    return 1e3 * statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
