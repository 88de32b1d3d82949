"""Measure madang against named peers in the same run; figures are ratios, machines differ."""

import argparse
import asyncio
import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from madang.bench.engine.candidates import PEERS
from madang.bench.engine.plan import Plan
from madang.bench.engine.report import engine_text
from madang.bench.engine.shapes import SHAPES
from madang.contract.model import Quantisation
from madang.errors import nearest

EXAMPLES = """\
examples:
  madang bench startup                    --help, imports and listings against Python and pip
  madang bench store --json               a turn in a store of 100,000 conversations
  madang bench engine --shape 200m        the local engine against transformers and llama.cpp
  madang bench adapters                   a batch over four adapters against the base alone
  madang bench turns                      time to first token as a conversation grows
"""

ENGINE = """\
16 prompts of 20 to 120 tokens are submitted at once and answered greedily, by the local engine
and by each peer on the same random weights, the same tokens and as many threads:
  card_loop         `generate`, one request after another, as the cards of the seed models do it
  padded_generate   `generate` on one batch, padded on the left
  transformers_cb   transformers' own continuous batching
  llama_cpp         llama.cpp with parallel sequences, in the same dtype
  llama_cpp_q8_0    llama.cpp with weights in 8 bits
Each runs in a process of its own, in turn in every round; figures are medians over the rounds, and
ratios are ours over each: total tokens/s over a peer's, decode tokens/s over what the matrix
products alone (and on a GPU, reading weights and cache alone) would allow. Leave the machine idle.

examples:
  madang bench engine                                  the shape of 200 million parameters
  madang bench engine --shape 1b --rounds 1            a larger one, once
  madang bench engine --peers llama_cpp --json         one peer, for a script
  madang bench engine --peers none --keep ~/models     ours and the limits; keep the weights
  madang bench engine --shape 8b --requests 64         for a GPU
  madang bench engine --shape 8b --quantisation nf4 --peers card_loop

The peer llama.cpp takes part where `pip install llama-cpp-python gguf` was done.
"""

ADAPTERS = """\
The same engine answers 16 requests at once, in turn on the base alone and with the requests spread
over four LoRA adapters of rank 16 and the base; `mixed_over_base` is the ratio of their speeds.
"""

TURNS = """\
A conversation grows by 40 words and an answer of 40 tokens a turn; every prompt begins with the
whole of the one before and its answer. Time to first token at turns 2, 10 and 40, as medians over
the conversations; an engine that reads only what is new keeps the ratios near 1.
"""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to measure, each with its options."""
    parser.epilog = EXAMPLES
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    _bench(what, "startup", "how long starting takes")
    _bench(what, "store", "what a turn costs in a full store")
    engine = _bench(what, "engine", "the local engine against its peers", ENGINE)
    _engine_options(engine, requests=16, new_tokens=64, rounds=3)
    engine.add_argument(
        "--peers",
        type=_peers,
        default=PEERS,
        metavar="all|NAME,...|none",
        help=f"whom to measure against: {', '.join(PEERS)} (default: all)",
    )
    adapters = _bench(what, "adapters", "a batch that mixes adapters", ADAPTERS)
    _engine_options(adapters, requests=16, new_tokens=64, rounds=5)
    turns = _bench(what, "turns", "a growing conversation", TURNS)
    _engine_options(turns, rounds=3, rounds_help="conversations")


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    figures = BENCHES[options.what](options, _progress)
    if options.json:
        print(json.dumps(figures, indent=2))
    elif options.what == "engine":
        print(engine_text(figures))
    else:
        print(_table(figures))
    return 0


def _bench(what: Any, name: str, text: str, description: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = what.add_parser(
        name,
        help=text,
        description=description or f"Measure {text}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _engine_options(
    parser: argparse.ArgumentParser,
    *,
    rounds: int,
    requests: int = 0,
    new_tokens: int = 0,
    rounds_help: str = "times to measure each",
) -> None:
    add = parser.add_argument
    add("--shape", choices=SHAPES, default="200m", help="the model's sizes (default: 200m)")
    if requests:
        add("--requests", **_number(requests, "asked at once"))
        add("--new-tokens", **_number(new_tokens, "of each answer"))
    add("--rounds", **_number(rounds, rounds_help))
    add("--dtype", choices=("bfloat16", "float32"), default="bfloat16", help="of the weights")
    add(
        "--quantisation",
        choices=get_args(Quantisation),
        default="none",
        help="how weights are quantised while they are loaded (default: none)",
    )
    add("--threads", type=_positive, default=0, metavar="N", help="for all (default: every core)")
    add(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep the weights in DIR, and use those that are there",
    )


def _number(default: int, text: str) -> dict[str, Any]:
    return {
        "type": _positive,
        "default": default,
        "metavar": "N",
        "help": f"{text} (default: {default})",
    }


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _peers(text: str) -> tuple[str, ...]:
    if text in {"all", "none"}:
        return PEERS if text == "all" else ()
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"no peer '{name}'. {nearest(name, PEERS)}")
    return names


def _startup(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.startup import bench_startup

    return bench_startup(progress=progress)


def _store(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.store import bench_store

    return asyncio.run(bench_store(progress=progress))


def _engine(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.race import bench_engine

    return bench_engine(_plan(options), options.peers, progress)


def _adapters(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.adapters import bench_adapters

    return bench_adapters(_plan(options), progress)


def _turns(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.turns import bench_turns

    return bench_turns(_plan(options), progress)


def _plan(options: argparse.Namespace) -> Plan:
    names = [field.name for field in dataclasses.fields(Plan)]
    return Plan(**{name: getattr(options, name) for name in names if hasattr(options, name)})


BENCHES = {
    "startup": _startup,
    "store": _store,
    "engine": _engine,
    "adapters": _adapters,
    "turns": _turns,
}


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)


def _table(figures: Mapping[str, object], indent: str = "") -> str:
    lines = []
    for key, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", _table(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key:<36} {'-' if value is None else value}")
    return "\n".join(lines)
