"""Measure madang against named peers in the same run; figures are ratios, machines differ."""

import argparse
import asyncio
import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from madang.bench.bots.figures import Plan as BotPlan
from madang.bench.engine.candidates import PEERS
from madang.bench.engine.plan import Plan
from madang.bench.engine.report import engine_text
from madang.bench.engine.shapes import SHAPES
from madang.bench.queue import candidates as queues
from madang.bench.queue.plan import Plan as QueuePlan
from madang.bench.queue.report import queue_text
from madang.bench.words import ADAPTERS, DISCORD, ENGINE, EXAMPLES, QUEUE, TELEGRAM, TURNS
from madang.contract.model import Quantisation
from madang.errors import MissingPackage, nearest

LONGEST = 60  # seconds of one measurement
LONGEST_ANSWER = 12  # seconds of an answer of a bot that is measured
P = TypeVar("P", Plan, QueuePlan, BotPlan)


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
        **_peers_option(PEERS),
    )
    adapters = _bench(what, "adapters", "a batch that mixes adapters", ADAPTERS)
    _engine_options(adapters, requests=16, new_tokens=64, rounds=5)
    turns = _bench(what, "turns", "a growing conversation", TURNS)
    _engine_options(turns, rounds=3, rounds_help="conversations")
    _queue_options(_bench(what, "queue", "the queue between processes", QUEUE))
    discord = _bench(what, "discord", "the Discord bot", DISCORD)
    _bot_options(discord, 200)
    discord.add_argument("--channels", **_number(50, "that they are in"))
    _bot_options(_bench(what, "telegram", "the Telegram bot", TELEGRAM), 100)


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    figures = BENCHES[options.what](options, _progress)
    if options.json:
        print(json.dumps(figures, indent=2))
    elif options.what in TEXTS:
        print(TEXTS[options.what](figures))
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


def _queue_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--peers", **_peers_option(queues.PEERS))
    add(
        "--peer-python",
        dest="python",
        metavar="PATH",
        default="",
        help="the peers' interpreter (default: ours)",
    )
    add("--requests", **_number(64, "in flight at once"))
    add("--seconds", **_seconds(1.5, "of each measurement"))
    add("--rounds", **_number(3, "times to measure each"))
    add("--lease", **_seconds(3.0, "after which a silent worker loses its requests"))
    add("--url", default="", help="an empty database to use instead, such as redis://HOST:6379/9")


def _bot_options(parser: argparse.ArgumentParser, conversations: int) -> None:
    parser.add_argument("--conversations", **_number(conversations, "at once"))
    parser.add_argument("--seconds", **{**_seconds(10.0, "of each answer"), "type": _short})


def _peers_option(known: Sequence[str]) -> dict[str, Any]:
    return {
        "type": lambda text: _peers(text, known),
        "default": tuple(known),
        "metavar": "all|NAME,...|none",
        "help": f"whom to measure against: {', '.join(known)} (default: all)",
    }


def _seconds(default: float, text: str) -> dict[str, Any]:
    return {
        "type": _duration,
        "default": default,
        "metavar": "S",
        "help": f"seconds {text} (default: {default:g})",
    }


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


def _duration(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most {LONGEST}")
    return seconds


def _short(text: str) -> float:
    seconds = _duration(text)
    if seconds > LONGEST_ANSWER:
        raise argparse.ArgumentTypeError(f"must be at most {LONGEST_ANSWER}: it is one message")
    return seconds


def _peers(text: str, known: Sequence[str]) -> tuple[str, ...]:
    if text in {"all", "none"}:
        return tuple(known) if text == "all" else ()
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"no peer '{name}'. {nearest(name, known)}")
    return names


def _startup(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.startup import bench_startup

    return bench_startup(progress=progress)


def _store(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.store import bench_store

    return asyncio.run(bench_store(progress=progress))


def _engine(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.race import bench_engine

    return bench_engine(_plan(options, Plan), options.peers, progress)


def _adapters(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.adapters import bench_adapters

    return bench_adapters(_plan(options, Plan), progress)


def _turns(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    from madang.bench.engine.turns import bench_turns

    return bench_turns(_plan(options, Plan), progress)


def _queue(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    with _needing("queue", "redis"):
        from madang.bench.queue.race import bench_queue
    return bench_queue(_plan(options, QueuePlan), progress)


def _discord(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    with _needing("Discord bot", "redis,discord"):
        from madang.bench.discord.race import bench_discord
    return bench_discord(_plan(options, BotPlan), progress)


def _telegram(options: argparse.Namespace, progress: Callable[[str], None]) -> dict[str, object]:
    with _needing("Telegram bot", "redis,telegram"):
        from madang.bench.telegram.race import bench_telegram
    return bench_telegram(_plan(options, BotPlan), progress)


@contextlib.contextmanager
def _needing(what: str, extras: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingPackage(
            f"The bench of the {what} needs a package that is not there: {error.name}.",
            f"Install it: pip install 'madang[{extras}]'.",
        ) from error


def _plan(options: argparse.Namespace, kind: type[P]) -> P:
    names = [field.name for field in dataclasses.fields(kind)]
    return kind(**{name: getattr(options, name) for name in names if hasattr(options, name)})


BENCHES = {
    "startup": _startup,
    "store": _store,
    "engine": _engine,
    "adapters": _adapters,
    "turns": _turns,
    "queue": _queue,
    "discord": _discord,
    "telegram": _telegram,
}
TEXTS = {"engine": engine_text, "queue": queue_text}


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
