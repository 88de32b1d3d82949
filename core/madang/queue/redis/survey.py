"""How a deployment stands, as its server knows it."""

from collections.abc import Sequence

import msgspec

from madang.queue.redis.link import Link


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what is known of a worker; `silent` is in seconds, `report` as the worker wrote it.

    `running` are the requests it holds, `offers` the models it takes requests for.
    """

    worker: str
    silent: float
    running: int
    offers: tuple[str, ...]
    report: bytes


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Count the waiting requests of a model by class; `alone` have to run without others."""

    interactive: int = 0
    background: int = 0
    bulk: int = 0
    alone: int = 0

    @property
    def total(self) -> int:
        """Count all."""
        return self.interactive + self.background + self.bulk + self.alone


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what is asked of a model; seconds are None where nobody knows or nothing is the case.

    `oldest` is how long ago the oldest waiting request was submitted, among the first 256 of each
    class, and `loading` for how long the model has been loading.
    """

    model: str
    waiting: Waiting
    running: int
    workers: int
    oldest: float | None
    loading: float | None


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """Hold all of it at one moment, `now` in seconds since the epoch by the server's clock.

    `newest_dead` is how long ago the last of the dead letters was written.
    """

    now: float
    workers: tuple[Seen, ...]
    models: tuple[Demand, ...]
    dead: int
    newest_dead: float | None


async def survey(link: Link) -> Survey:
    """Look at a deployment without changing anything; of very many names, at 256 of a kind."""
    now, workers, models, dead, newest = await link.run("survey")
    return Survey(
        now=now / 1000,
        workers=tuple(sorted((_seen(*each) for each in workers), key=lambda each: each.worker)),
        models=tuple(sorted((_demand(*each) for each in models), key=lambda each: each.model)),
        dead=dead,
        newest_dead=_seconds(newest),
    )


async def give_report(link: Link, worker: str, report: bytes) -> None:
    """Leave a worker's report for those who look; the next one takes its place."""
    await link.run("report", worker, report, patience=0.0)


def _seen(worker: bytes, silent: int, running: int, offers: Sequence[bytes], report: bytes) -> Seen:
    return Seen(
        worker=_word(worker),
        silent=silent / 1000,
        running=running,
        offers=tuple(sorted(map(_word, offers))),
        report=report,
    )


def _demand(
    model: bytes, counts: Sequence[int], running: int, workers: int, oldest: int, loading: int
) -> Demand:
    interactive, background, bulk, alone = counts
    return Demand(
        model=_word(model),
        waiting=Waiting(interactive=interactive, background=background, bulk=bulk, alone=alone),
        running=running,
        workers=workers,
        oldest=_seconds(oldest),
        loading=_seconds(loading),
    )


def _seconds(milliseconds: int) -> float | None:
    return None if milliseconds < 0 else milliseconds / 1000


def _word(found: bytes) -> str:
    return found.decode("utf-8", "replace")
