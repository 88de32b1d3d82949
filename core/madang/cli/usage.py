"""Show how much was asked: questions and tokens, by day, place, person, persona or model.

Days are those of UTC. A question counts once its answer has ended, and once however often a judge
had it asked again; tokens count each time. The limits in force are shown below.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from madang.cli.profile import add_profile, settings_from
from madang.contract import Place, Tally, TallyKey
from madang.contract.tally import day_of
from madang.settings import Settings
from madang.store import SqliteStore

if TYPE_CHECKING:
    from rich.table import Table

KEYS: Mapping[str, TallyKey] = {
    "day": "day",
    "place": "place",
    "person": "author",
    "persona": "persona",
    "model": "model",
}
COUNTS = ("requests", "prompt", "cached", "output")
DAYS, MOST_DAYS = 7, 36_500
DAY_SECONDS = 86_400
WIDE = 400
"""The width where no terminal limits it; tables take what they need."""

Limits = Mapping[str, int]


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to sum, over how long."""
    add_profile(parser)
    parser.add_argument(
        "--days", type=_days, metavar="N", default=DAYS, help="today and before (default: 7)"
    )
    parser.add_argument("--by", choices=list(KEYS), default="day", help="default: day")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was counted, and the limits."""
    settings = settings_from(options)
    since = day_of(time.time() - (options.days - 1) * DAY_SECONDS)
    path = settings.store.path
    rows = asyncio.run(_read(path, since, KEYS[options.by])) if Path(path).exists() else []
    if options.json:
        print(_json(rows, since, options.by, settings))
    else:
        _show(rows, since, options.by, settings)
    return 0


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to {MOST_DAYS:,}")
    return int(text)


async def _read(path: str, since: str, key: TallyKey) -> Sequence[Tally]:
    store = await SqliteStore.open(path)
    try:
        return await store.usage(key, since=since)
    finally:
        await store.close()


def _json(rows: Sequence[Tally], since: str, by: str, settings: Settings) -> str:
    import msgspec

    shown = [{**_labels(row, by), **{name: getattr(row, name) for name in COUNTS}} for row in rows]
    limits = {"person": _of_person(settings), "places": dict(_of_places(settings))}
    whole = {"since": since, "by": by, "rows": shown, "daily_limits": limits}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def _of_person(settings: Settings) -> Limits:
    return _said(settings.limits.daily_requests, settings.limits.daily_tokens)


def _of_places(settings: Settings) -> Iterator[tuple[str, Limits]]:
    """Walk the places whose tables say a limit, a bot before what is below it."""
    for key in sorted({*settings.bots, *settings.places}):
        here = settings.place(Place(key))
        both = (here.daily_requests, here.daily_tokens)
        said = _said(*(limit.amount if limit.place == key else 0 for limit in both))
        if said:
            yield key, said


def _said(requests: int, tokens: int) -> Limits:
    both = {"requests": requests, "tokens": tokens}
    return {name: amount for name, amount in both.items() if amount}


def _labels(row: Tally, by: str) -> dict[str, str]:
    """Return what a row is of; a person has an id and the name known last."""
    if by == "person":
        return {"person": row.author.id, "name": row.author.name}
    return {by: getattr(row, KEYS[by])}


def _show(rows: Sequence[Tally], since: str, by: str, settings: Settings) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False)
    if rows:
        console.print(_table(rows, by))
    else:
        console.print(f"Nothing was asked since {since}.")
    for owner, said in (("each person", _of_person(settings)), *_of_places(settings)):
        words = " and ".join(f"{amount:,} {name}" for name, amount in said.items())
        if words:
            console.print(f"limit of {_printable(owner)}: {words} a day")


def _table(rows: Sequence[Tally], by: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=len(rows) > 1)
    for number, name in enumerate(_labels(rows[0], by)):
        table.add_column(name, footer="" if number else "all", overflow="fold")
    for name in COUNTS:
        total = sum(getattr(row, name) for row in rows)
        table.add_column(name, footer=f"{total:,}", justify="right")
    for row in rows:
        first, *rest = _labels(row, by).values()
        labels = [Text(_printable(label)) for label in (first or "(forgotten)", *rest)]
        table.add_row(*labels, *(f"{getattr(row, name):,}" for name in COUNTS))
    return table


def _printable(text: str) -> str:
    """Replace what people could make a terminal do with their names."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
