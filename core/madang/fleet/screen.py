"""An overview as a terminal shows it."""

import time
from collections.abc import Iterator, Sequence

from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from madang.contract import Metrics
from madang.fleet.overview import Overview, State, WorkerRow
from madang.fleet.server import Server
from madang.fleet.words import counted, line, span
from madang.models.printer import size
from madang.queue.redis.survey import Demand
from madang.worker.report import ModelReport

COLOURS: dict[State, str] = {"works": "green", "drains": "yellow", "left": "dim", "silent": "red"}
NONE = "-"
SLOW_SECONDS = 10.0
"""A wait that is marked: people who chat begin to wonder."""


def screen(overview: Overview) -> RenderableType:
    """Lay everything out, what is wrong first."""
    shown = [row for row in overview.workers if row.state != "left"]
    clock = time.strftime("%H:%M:%S", time.localtime(overview.now))
    where = f"{line(overview.profile)}, namespace {overview.namespace}, {clock}"
    parts: list[RenderableType] = [
        Text(where, style="bold"),
        _totals(overview, shown),
        _server(overview.server),
    ]
    parts += [Text(f"! {problem}", style="bold red") for problem in overview.problems]
    if overview.models:
        parts += ["", _models(overview.models)]
    if shown:
        parts += ["", _workers(shown, overview.now), "", _backends(shown)]
    return Group(*parts)


def _totals(overview: Overview, shown: Sequence[WorkerRow]) -> Text:
    reports = [model for row in shown if row.report for model in row.report.models]
    waiting = sum(demand.waiting.total for demand in overview.models)
    words = [
        counted(len(shown), "worker"),
        f"{sum(each.running for each in reports)} of {counted(_slots(reports), 'slot')} taken",
        f"{sum(each.metrics.tokens_per_second for each in reports):,.0f} tokens/s",
        f"{waiting:,} waiting",
    ]
    return Text(" · ".join(words))


def _slots(reports: Sequence[ModelReport]) -> int:
    return sum(report.slots for report in reports)


def _server(server: Server) -> Text:
    if not server.kind:
        return Text(f"{server.address} does not tell this user what it is", style="dim")
    limit = f" of {size(server.memory_limit)}" if server.memory_limit else ", no limit"
    words = [
        f"{server.kind} {server.version} at {server.address}",
        f"up {span(server.up or 0)}",
        f"memory {size(server.memory)}{limit}",
    ]
    if server.append_only is not None:
        kept = "append-only file" if server.append_only else "no append-only file"
        words.append(kept)
    return Text(" · ".join(words), style="dim")


def _models(models: Sequence[Demand]) -> Table:
    table = _table("model", "chat", "background", "bulk", "alone", "oldest", "running", "workers")
    for demand in models:
        waiting = demand.waiting
        name = line(demand.model)
        if demand.loading is not None:
            name += f" (loads for {span(demand.loading)})"
        counts = (waiting.interactive, waiting.background, waiting.bulk, waiting.alone)
        table.add_row(
            Text(name),
            *(_count(count) for count in counts),
            _oldest(demand),
            _count(demand.running),
            Text(str(demand.workers), style="" if demand.workers else "red"),
        )
    return table


def _count(count: int) -> Text:
    return Text(f"{count:,}", style="" if count else "dim")


def _oldest(demand: Demand) -> Text:
    if not demand.waiting.total:
        return Text(NONE, style="dim")
    if demand.oldest is None:
        return Text("?")
    return Text(span(demand.oldest), style="yellow" if demand.oldest > SLOW_SECONDS else "")


def _workers(rows: Sequence[WorkerRow], now: float) -> Table:
    table = _table("worker", "state", "host", "version", "up", "heard", "running", left=4)
    for row in rows:
        report = row.report
        silent = f"{row.silent:.0f} s ago" if row.silent < 60 else f"{span(row.silent)} ago"
        table.add_row(
            Text(line(row.name)),
            Text(row.state, style=COLOURS[row.state]),
            Text(line(report.host) if report else NONE),
            Text(line(report.version) if report else NONE),
            Text(span(now - report.started) if report else NONE),
            Text(silent),
            _count(row.running),
        )
    return table


def _backends(rows: Sequence[WorkerRow]) -> Table:
    columns = ("worker", "models", "loaded", "slots", "tokens/s", "1st token", "batch", "cached")
    table = _table(*columns, left=3)
    for row in rows:
        for cells in _backend_rows(row):
            table.add_row(
                Text(line(row.name)), *cells, style="dim" if row.state == "silent" else ""
            )
    return table


def _backend_rows(row: WorkerRow) -> Iterator[Sequence[Text]]:
    if row.report is None:
        offers = ", ".join(map(line, row.offers)) or NONE
        yield [Text(offers), Text("no report" if row.readable else "unreadable", style="yellow")]
        return
    for each in row.report.models:
        names = ", ".join(map(line, each.models))
        loaded = Text("yes" if each.loaded else "no", style="" if each.loaded else "dim")
        slots = Text(f"{each.running}/{each.slots}")
        yield [Text(names), loaded, slots, *_speeds(each.metrics)]


def _speeds(metrics: Metrics) -> Iterator[Text]:
    first = metrics.first_token_seconds
    prompts = metrics.prompt_tokens + metrics.cached_tokens
    yield Text(f"{metrics.tokens_per_second:,.0f}" if metrics.output_tokens else NONE)
    yield Text(f"{first:.2f} s" if first else NONE)
    yield Text(f"{metrics.mean_batch:.1f}" if metrics.mean_batch else NONE)
    yield Text(f"{metrics.cache_hit_rate:.0%}" if prompts else NONE)


def _table(*columns: str, left: int = 1) -> Table:
    """Make a table without lines; after the first `left` columns there are figures."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for number, name in enumerate(columns):
        words = number < left
        # Names are folded where it gets narrow, figures never.
        justify: JustifyMethod = "left" if words else "right"
        table.add_column(name, justify=justify, no_wrap=not words, overflow="fold")
    return table
