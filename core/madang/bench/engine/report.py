"""The figures of the engine as a table for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from madang.bench.engine.candidates import OURS

# Name of the figure, and its two lines of heading.
COLUMNS = (
    ("total_tokens_per_second", "total", "tokens/s"),
    ("decode_tokens_per_second", "decode", "tokens/s"),
    ("prefill_tokens_per_second", "prefill", "tokens/s"),
    ("ttft_p50_ms", "first token", "p50 ms"),
    ("ttft_p95_ms", "first token", "p95 ms"),
    ("between_tokens_p50_ms", "between", "p50 ms"),
    ("between_tokens_p95_ms", "between", "p95 ms"),
    ("peak_memory_mib", "memory", "MiB"),
)
BLANK = "-"


def engine_text(figures: Mapping[str, Any]) -> str:
    """Write what was measured on, a line for each candidate, and the limits of the machine."""
    return "\n".join([*_head(figures), "", *_rows(figures), "", *_limits(figures)])


def _head(figures: Mapping[str, Any]) -> Iterator[str]:
    machine = figures["machine"]
    yield f"{machine['cpu']}, {machine['cores']} cores; on {machine['device']}"
    yield (
        f"shape {figures['shape']} in {machine['dtype']}, quantisation {machine['quantisation']}; "
        f"{figures['requests']} requests of {figures['new_tokens']} new tokens, medians of "
        f"{figures['rounds']} rounds"
    )


def _rows(figures: Mapping[str, Any]) -> Iterator[str]:
    for number, (left, right) in enumerate((("", "ours"), ("candidate", "over it")), 1):
        heads = "".join(f"{column[number]:>13}" for column in COLUMNS)
        yield f"{left:<18}{heads}{right:>10}"
    yield _row(OURS, figures["madang"], None)
    for name, peer in figures["peers"].items():
        yield _row(name, peer, figures["ratios"].get(name))


def _row(name: str, figures: Mapping[str, Any] | None, over: float | None) -> str:
    cells = "".join(f"{_number((figures or {}).get(key)):>13}" for key, *_ in COLUMNS)
    return f"{name:<18}{cells}{_ratio(over):>10}"


def _limits(figures: Mapping[str, Any]) -> Iterator[str]:
    limits, ratios = figures["limits"], figures["ratios"]
    if products := limits["matmul_tokens_per_second"]:
        yield (
            f"matrix products alone ({limits['way']}): {_number(products)} tokens/s; "
            f"our decoding is {_ratio(ratios['matmul_limit'])} of it"
        )
    if reading := limits["bandwidth_tokens_per_second"]:
        yield (
            f"weights and cache read once a step: {_number(reading)} tokens/s; "
            f"our decoding is {_ratio(ratios['bandwidth_limit'])} of it"
        )


def _number(value: float | None) -> str:
    if value is None:
        return BLANK
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(value: float | None) -> str:
    return BLANK if value is None else f"{value:.2f}"
