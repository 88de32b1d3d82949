"""Measure madang against named peers in the same run; figures are ratios, machines differ."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence

EXAMPLES = """\
examples:
  madang bench startup          --help, imports and listings against Python and pip
  madang bench store --json     a turn in a store of 100,000 conversations against an empty one
"""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to measure and how to print it."""
    parser.epilog = EXAMPLES
    parser.add_argument("what", choices=sorted(BENCHES), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    figures = BENCHES[options.what](_progress)
    print(json.dumps(figures, indent=2) if options.json else _table(figures))
    return 0


def _startup(progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.startup import bench_startup

    return bench_startup(progress=progress)


def _store(progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.store import bench_store

    return asyncio.run(bench_store(progress=progress))


BENCHES = {"startup": _startup, "store": _store}


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)


def _table(figures: dict[str, object], indent: str = "") -> str:
    lines = []
    for key, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", _table(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key:<36} {value}")
    return "\n".join(lines)
