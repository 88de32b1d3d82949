"""`madang bench engine`: the engine and its peers in turn, round by round."""

import statistics
from collections.abc import Sequence

from madang.bench.engine.busy import Busy
from madang.bench.engine.candidates import LIMITS, OURS
from madang.bench.engine.checkpoint import make
from madang.bench.engine.child import Child, Open
from madang.bench.engine.crew import Crew, Progress
from madang.bench.engine.figures import (
    Figures,
    Number,
    check_run,
    combined,
    median,
    medians,
    prefill_speed,
    ratio,
    rounded,
    served,
)
from madang.bench.engine.machine import describe
from madang.bench.engine.messages import Limit, Order, Reply, Run
from madang.bench.engine.plan import Plan, mib
from madang.bench.engine.prompts import LONGEST, order_of
from madang.bench.engine.room import check_disk, check_memory
from madang.errors import ModelError

WARM_UP_TOKENS = 8
TOTAL = "total_tokens_per_second"
DECODE = "decode_tokens_per_second"
RATIOS = ("card_loop", "padded_generate", "transformers_cb", "llama_cpp")


def bench_engine(
    plan: Plan, peers: Sequence[str], progress: Progress = lambda line: None, open_: Open = Child
) -> dict[str, object]:
    """Measure every candidate once a round and return medians, and ours over each as ratios.

    A peer that cannot take part is left blank, and `progress` says why.
    """
    busy = Busy()
    names = [OURS, *peers, *([LIMITS] if plan.quantisation == "none" else [])]
    with plan.folder() as folder:
        job = plan.job(folder, LONGEST + plan.new_tokens)
        check_disk(plan.sizes, plan.dtype, folder, gguf=any("llama" in name for name in names))
        together = check_memory(plan.sizes, job, len(names))
        progress(f"making a model of {plan.sizes.parameters:,} parameters")
        make(plan.sizes, plan.dtype, folder)
        warm_up = _order(plan, WARM_UP_TOKENS, "warm-up")
        with Crew(job, warm_up, open_, progress, together=together) as crew:
            race = _Race(plan, crew, progress)
            for number in range(1, plan.rounds + 1):
                for name in [each for each in names if each not in race.missing]:
                    race.lap(name, number)
        return {"machine": describe(job, busy, progress), **race.result(names)}


def _order(plan: Plan, new_tokens: int, run: str) -> Order:
    return order_of(plan.sizes, plan.requests, new_tokens, run)


class _Race:
    """Collect what each round brought."""

    def __init__(self, plan: Plan, crew: Crew, progress: Progress) -> None:
        self._plan = plan
        self._crew = crew
        self._progress = progress
        self._laps: dict[str, list[Figures]] = {}
        self._limits: list[Limit] = []
        self.missing: set[str] = set()

    def lap(self, name: str, number: int) -> None:
        """Measure one candidate in one round; only ours may not fail."""
        try:
            if name == LIMITS:
                self._measure_limits(number)
            else:
                self._measure(name, number)
        except ModelError as error:
            if name == OURS:
                raise
            self.missing.add(name)
            self._progress(f"{name}: left out, since {error}")

    def result(self, names: Sequence[str]) -> dict[str, object]:
        """Return the medians and the ratios; blank is what was not measured."""
        ours = medians(self._laps[OURS])
        theirs = {
            name: None if name in self.missing else self._with_spread(name)
            for name in names
            if name not in {OURS, LIMITS}
        }
        ratios = {name: ratio(ours[TOTAL], self._total(name)) for name in RATIOS}
        limits = self._limit_figures()
        ratios["matmul_limit"] = ratio(ours[DECODE], limits["matmul_tokens_per_second"])
        ratios["bandwidth_limit"] = ratio(ours[DECODE], limits["bandwidth_tokens_per_second"])
        return {
            "shape": self._plan.shape,
            "requests": self._plan.requests,
            "new_tokens": self._plan.new_tokens,
            "rounds": self._plan.rounds,
            "ratios": ratios,
            "madang": self._with_spread(OURS),
            "peers": theirs,
            "limits": {**limits, "way": self._fastest() if self._limits else None},
        }

    def _measure(self, name: str, number: int) -> None:
        whole = _order(self._plan, self._plan.new_tokens, f"whole {number}")
        first = _order(self._plan, 1, f"first {number}")
        prefill = prefill_speed(first, _run(name, first, self._crew.ask(name, first)))
        reply = self._crew.ask(name, whole)
        figures = served(_run(name, whole, reply))
        figures["prefill_tokens_per_second"] = prefill
        figures["peak_memory_mib"] = mib(reply.peak)
        self._laps.setdefault(name, []).append(figures)
        self._progress(
            f"round {number} of {self._plan.rounds}, {name}: {figures[TOTAL]:,.0f} tokens/s"
        )

    def _measure_limits(self, number: int) -> None:
        order = _order(self._plan, self._plan.new_tokens, f"whole {number}")
        limit = self._crew.ask(LIMITS, order).limit
        if limit is not None:
            self._limits.append(limit)

    def _with_spread(self, name: str) -> Figures:
        totals = [each[TOTAL] for each in self._laps[name]]
        return {
            **medians(self._laps[name]),
            "slowest_total": combined(totals, min),
            "fastest_total": combined(totals, max),
        }

    def _total(self, name: str) -> Number:
        laps = self._laps.get(name)
        return medians(laps)[TOTAL] if laps and name not in self.missing else None

    def _limit_figures(self) -> Figures:
        """Return the limits as decode speeds at this batch."""
        if not self._limits:
            return dict.fromkeys(("matmul_tokens_per_second", "bandwidth_tokens_per_second"))
        batch = self._plan.requests
        way = self._fastest()
        seconds = statistics.median(each.passes[way] for each in self._limits)
        steps = [
            each.copy_bandwidth / each.step_bytes for each in self._limits if each.copy_bandwidth
        ]
        return {
            "matmul_tokens_per_second": rounded(batch / seconds),
            "bandwidth_tokens_per_second": median([batch * step for step in steps]),
        }

    def _fastest(self) -> str:
        passes = self._limits[0].passes
        return min(passes, key=lambda way: sum(each.passes[way] for each in self._limits))


def _run(name: str, order: Order, reply: Reply) -> Run:
    if reply.run is None:
        raise ModelError(f"candidate '{name}' gave no answer")
    check_run(name, order, reply.run)
    return reply.run
