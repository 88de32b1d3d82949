"""The figures of the queue as a table for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from madang.bench.queue.candidates import OURS

# Name of the figure, and its two lines of heading.
COLUMNS = (
    ("requests_per_s", "at once", "requests/s"),
    ("p50_ms", "one by one", "p50 ms"),
    ("p99_ms", "one by one", "p99 ms"),
    ("shipped_p50_ms", "as shipped", "p50 ms"),
)
BLANK = "-"


def queue_text(figures: Mapping[str, Any]) -> str:
    """Write what was measured on, a line for each candidate, and what only we can do."""
    parts = (_head(figures), _rows(figures), _alone(figures), _notes(figures))
    return "\n\n".join("\n".join(part) for part in parts)


def _head(figures: Mapping[str, Any]) -> Iterator[str]:
    machine, server = figures["machine"], figures["server"]
    kept = "on" if server["appendonly"] else "off"
    yield (
        f"{machine['cpu']}, {machine['cores']} cores; {server['name']} {server['version']}, "
        f"append-only file {kept}"
    )
    yield (
        f"requests of {figures['payload_bytes']:,} bytes that do nothing, {figures['requests']} in "
        f"flight or one by one; medians of {figures['rounds']} rounds of {figures['seconds']:g} s"
    )


def _rows(figures: Mapping[str, Any]) -> Iterator[str]:
    for number, left in enumerate(("", "candidate"), 1):
        yield f"{left:<12}" + "".join(f"{column[number]:>13}" for column in COLUMNS)
    yield _row(OURS, figures["ours"])
    for name, peer in figures["peers"].items():
        yield _row(name, peer)
    ratios = figures["ratios"]
    yield (
        f"ours over the best library: {_number(ratios['best_library_throughput'])} times its "
        f"requests/s, {_number(ratios['best_library_p50'])} times its p50"
    )


def _row(name: str, figures: Mapping[str, Any]) -> str:
    return f"{name:<12}" + "".join(f"{_number(figures.get(key)):>13}" for key, *_ in COLUMNS)


def _alone(figures: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"a ping takes {_number(figures['ping']['p50_ms'])} ms; our p50 is "
        f"{_number(figures['ratios']['ping_p50'])} of them"
    )
    yield f"{_number(figures['chunks_per_s'])} chunks/s of streamed answers"
    yield (
        f"an answer went on {_number(figures['recovery_s'])} s after its worker was killed, on a "
        f"lease of {_number(figures['lease_s'])} s"
    )


def _notes(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"{OURS}: {_listed(figures['ours']['versions'])}"
    for name, peer in figures["peers"].items():
        if peer["versions"]:
            yield f"{name}: {peer['set_up']}; as shipped, {peer['as_shipped']}"
            yield f"    {_listed(peer['versions'])}"
        else:
            yield f"{name}: left out, since {peer['absent']}"


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _number(value: float | None) -> str:
    if value is None:
        return BLANK
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
