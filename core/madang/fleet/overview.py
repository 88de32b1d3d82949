"""A deployment at one glance: who works, what waits, and what is wrong."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from madang.fleet.server import Server, server_of
from madang.fleet.words import counted, line, span
from madang.queue.redis.link import Link
from madang.queue.redis.survey import Demand, Seen, Survey, survey
from madang.worker.report import WorkerReport, read_report

State = Literal["works", "drains", "left", "silent"]


class WorkerRow(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one worker: what the server knows of it, and what it last reported.

    One that was `silent` for a lease has lost its requests to others; one that `left` said so.
    `report` is None where it gave none, or none that this version can read.
    """

    name: str
    state: State
    silent: float
    running: int
    offers: tuple[str, ...]
    report: WorkerReport | None
    readable: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Hold everything that is shown; `now` is in seconds since the epoch."""

    now: float
    profile: str
    namespace: str
    problems: tuple[str, ...]
    server: Server
    models: tuple[Demand, ...]
    workers: tuple[WorkerRow, ...]
    dead: int
    newest_dead: float | None


async def overview(link: Link, profile: str) -> Overview:
    """Look at a deployment; nothing changes by that."""
    # Asked first, since it does not wait for a server that is away.
    server = await server_of(link)
    found = await survey(link)
    lease = link.terms.lease
    workers = tuple(_row(seen, lease) for seen in found.workers)
    return Overview(
        now=found.now,
        profile=profile,
        namespace=link.terms.namespace,
        problems=(*_problems(found, workers), *server.problems),
        server=server,
        models=found.models,
        workers=workers,
        dead=found.dead,
        newest_dead=found.newest_dead,
    )


def _row(seen: Seen, lease: float) -> WorkerRow:
    report = read_report(seen.report)
    return WorkerRow(
        name=seen.worker,
        state=_state(seen.silent > lease, report is not None and report.draining),
        silent=seen.silent,
        running=seen.running,
        offers=seen.offers,
        report=report,
        readable=report is not None or not seen.report,
    )


def _state(silent: bool, draining: bool) -> State:
    if silent:
        return "left" if draining else "silent"
    return "drains" if draining else "works"


def _problems(found: Survey, workers: Sequence[WorkerRow]) -> Iterator[str]:
    for demand in found.models:
        if demand.waiting.total and not demand.workers:
            waiting = counted(demand.waiting.total, "request waits", "requests wait")
            yield f"{waiting} for '{line(demand.model)}', which no worker serves"
    if not any(row.state == "works" for row in workers):
        yield "no worker takes requests: start one with `madang worker`"
    for row in workers:
        if row.state == "silent":
            yield (
                f"worker '{line(row.name)}' has been silent for {span(row.silent)}: "
                "what it ran goes to others"
            )
        if not row.readable:
            yield f"worker '{line(row.name)}' reports what cannot be read: its version is another"
    if found.dead:
        last = f", the last one {span(found.newest_dead)} ago" if found.newest_dead else ""
        yield f"{counted(found.dead, 'dead letter')}{last}: see `madang dead list`"
