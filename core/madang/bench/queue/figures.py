"""What the rounds brought, as medians and ratios.

- requests_per_s: requests that were answered, over the time from the first submission to the last
  answer, with so many in flight all the while.
- p50_ms, p99_ms: round trips one by one, from submitting a request to having its answer.
- chunks_per_s: pieces of answers that arrived whole and in order, over the time from the first
  submission to the last end.
- recovery_s: from killing a worker to the first piece of the second delivery at the bot; the
  longest of all rounds.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.bench.engine.figures import Figures, Number, combined, median, ratio, rounded
from madang.bench.queue.asking import PAYLOAD_BYTES
from madang.bench.queue.candidates import CANDIDATES, OURS
from madang.bench.queue.plan import PIECES, Plan

SPEED, P50, P99 = "requests_per_s", "p50_ms", "p99_ms"


@dataclass(frozen=True)
class Lap:
    """Hold what one candidate reached in one round; `times` are seconds."""

    requests_per_s: float
    times: list[float]
    versions: Mapping[str, str]


@dataclass
class Results:
    """Collect the laps of each candidate, and what else was measured; times are seconds."""

    laps: dict[str, list[Lap]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    shipped: dict[str, list[float]] = field(default_factory=dict)
    pings: list[list[float]] = field(default_factory=list)
    chunks: list[float] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)


def summary(plan: Plan, results: Results) -> dict[str, object]:
    """Return the medians and the ratios; blank is what was not measured."""
    ours = _figures(results.laps.get(OURS, []))
    peers = {name: _figures(results.laps.get(name, [])) for name in plan.peers}
    ping = {P50: _ms(results.pings, 50), P99: _ms(results.pings, 99)}
    return {
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "requests": plan.requests,
        "payload_bytes": PAYLOAD_BYTES,
        "pieces_per_answer": PIECES,
        "ratios": {
            "best_library_throughput": ratio(ours[SPEED], _best(max, peers, SPEED)),
            "best_library_p50": ratio(ours[P50], _best(min, peers, P50)),
            "ping_p50": ratio(ours[P50], ping[P50]),
        },
        "chunks_per_s": median(results.chunks),
        "recovery_s": combined(results.recoveries, max),
        "lease_s": plan.lease,
        "recoveries_s": [rounded(each) for each in results.recoveries],
        "ours": {**ours, "versions": _versions(results, OURS)},
        "ping": ping,
        "peers": {name: {**each, **_setting(results, name)} for name, each in peers.items()},
    }


def _figures(laps: Sequence[Lap]) -> Figures:
    speeds = [lap.requests_per_s for lap in laps]
    return {
        SPEED: median(speeds),
        P50: _ms([lap.times for lap in laps], 50),
        P99: _ms([lap.times for lap in laps], 99),
        "slowest_requests_per_s": combined(speeds, min),
        "fastest_requests_per_s": combined(speeds, max),
    }


def _setting(results: Results, name: str) -> dict[str, object]:
    """Say which versions a peer had, how it was set up, and why it is absent if it is."""
    candidate = CANDIDATES[name]
    laps = results.laps.get(name)
    return {
        "shipped_p50_ms": _ms([results.shipped.get(name, [])], 50),
        "versions": _versions(results, name),
        "set_up": candidate.tuned,
        "as_shipped": candidate.shipped,
        "absent": None if laps else results.absent.get(name),
    }


def _versions(results: Results, name: str) -> Mapping[str, str] | None:
    laps = results.laps.get(name)
    return laps[0].versions if laps else None


def _best(which: Callable[[list[float]], float], peers: Mapping[str, Figures], key: str) -> Number:
    return combined([figures[key] for figures in peers.values()], which)


def _ms(rounds: Sequence[Sequence[float]], percent: int) -> Number:
    """Return the median over the rounds of a percentile, in milliseconds."""
    return median([_percentile(times, percent) for times in rounds])


def _percentile(seconds: Sequence[float], percent: int) -> Number:
    if len(seconds) < 2:
        return None
    return 1e3 * statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
