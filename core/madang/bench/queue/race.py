"""`madang bench queue`: our queue and its peers in turn, round by round, on one server."""

import os
import shutil
from collections.abc import Callable
from statistics import median

from madang.bench.engine.busy import Busy, remark
from madang.bench.engine.machine import cpu
from madang.bench.queue import laps
from madang.bench.queue.candidates import OURS
from madang.bench.queue.figures import Results, summary
from madang.bench.queue.plan import Plan
from madang.bench.queue.server import describe, serving
from madang.errors import MadangError, QueueError

Progress = Callable[[str], None]


def bench_queue(plan: Plan, progress: Progress = lambda line: None) -> dict[str, object]:
    """Measure every candidate once a round and return medians, and ours beside the best as ratios.

    A peer that cannot take part is left blank, and `progress` says why.
    """
    if plan.python and not shutil.which(plan.python):
        raise QueueError(
            f"--peer-python: there is no interpreter '{plan.python}'.",
            "Give the path of the python in an environment with the peers.",
        )
    busy = Busy()
    with serving(plan.url) as url:
        server = describe(url)
        race = _Race(plan, url, progress)
        for number in range(1, plan.rounds + 1):
            race.round(number)
        race.as_shipped()
    share = busy.share()
    if warning := remark(share):
        progress(warning)
    machine = {"cpu": cpu(), "cores": os.cpu_count(), "used_by_others": share}
    return {"machine": machine, "server": server, **summary(plan, race.results)}


class _Race:
    """Collect what each round brings."""

    def __init__(self, plan: Plan, url: str, progress: Progress) -> None:
        self.results = Results()
        self._plan = plan
        self._url = url
        self._progress = progress

    def round(self, number: int) -> None:
        """Measure everything once."""
        so_far = f"round {number} of {self._plan.rounds}"
        self._ours(so_far)
        for name in self._plan.peers:
            self._peer(name, so_far)
        chunks = laps.stream(self._plan, self._url)
        self.results.chunks.append(chunks)
        self._progress(f"{so_far}, streaming: {chunks:,.0f} chunks/s")
        seconds = laps.recover(self._plan, self._url)
        self.results.recoveries.append(seconds)
        self._progress(f"{so_far}, worker killed: the answer went on {seconds:.2f} s later")

    def as_shipped(self) -> None:
        """Measure how long peers take that wait as they do by themselves."""
        for name in filter(self.results.laps.get, self._plan.peers):
            try:
                times = laps.race_as_shipped(self._plan, self._url, name)
            except MadangError as error:
                self._progress(f"{name}: not measured as it is shipped, since {error}")
            else:
                self.results.shipped[name] = times
                self._progress(f"{name}, as it is shipped: p50 {1e3 * median(times):.4g} ms")

    def _ours(self, so_far: str) -> None:
        lap, pings = laps.race_ours(self._plan, self._url)
        self.results.laps.setdefault(OURS, []).append(lap)
        self.results.pings.append(pings)
        self._progress(f"{so_far}, {OURS}: {lap.requests_per_s:,.0f} requests/s")

    def _peer(self, name: str, so_far: str) -> None:
        if name in self.results.absent and name not in self.results.laps:
            return
        try:
            lap = laps.race(self._plan, self._url, name)
        except MadangError as error:
            self.results.absent[name] = error.message
            self._progress(f"{so_far}, {name}: left out, since {error.message}")
        else:
            self.results.laps.setdefault(name, []).append(lap)
            self._progress(f"{so_far}, {name}: {lap.requests_per_s:,.0f} requests/s")
