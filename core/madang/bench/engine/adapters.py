"""`madang bench adapters`: a batch that mixes adapters against one on the base alone."""

from collections.abc import Sequence

from madang.bench.engine.busy import Busy
from madang.bench.engine.candidates import OURS
from madang.bench.engine.checkpoint import make
from madang.bench.engine.child import Child, Open
from madang.bench.engine.crew import Crew, Progress
from madang.bench.engine.figures import Figures, check_run, medians, ratio, served
from madang.bench.engine.lora import RANK, make_adapters
from madang.bench.engine.machine import describe
from madang.bench.engine.plan import Plan
from madang.bench.engine.prompts import LONGEST, order_of
from madang.bench.engine.room import check_disk, check_memory
from madang.errors import ModelError

ADAPTERS = 4
WARM_UP_TOKENS = 8
BASE = ("",)


def bench_adapters(
    plan: Plan, progress: Progress = lambda line: None, open_: Open = Child
) -> dict[str, object]:
    """Measure the base alone and the mix in turn, in one backend with all adapters loaded.

    `mixed_over_base` is the ratio of total tokens a second, `decode_mixed_over_base` that of
    decode tokens a second, as `figures` defines them.
    """
    busy = Busy()
    with plan.folder() as folder:
        check_disk(plan.sizes, plan.dtype, folder, gguf=False)
        make(plan.sizes, plan.dtype, folder)
        adapters = make_adapters(plan.sizes, plan.dtype, folder, ADAPTERS)
        mixes = {"base": BASE, "mixed": (*adapters, *BASE)}
        job = plan.job(folder, LONGEST + plan.new_tokens, adapters)
        check_memory(plan.sizes, job, 1)
        warm_up = order_of(plan.sizes, plan.requests, WARM_UP_TOKENS, "warm-up", mixes["mixed"])
        laps: dict[str, list[Figures]] = {name: [] for name in mixes}
        with Crew(job, warm_up, open_, progress, together=True) as crew:
            for number in range(1, plan.rounds + 1):
                for name, mix in mixes.items():
                    laps[name].append(_lap(plan, crew, f"{name} {number}", mix))
                    speed = laps[name][-1]["total_tokens_per_second"]
                    progress(f"round {number} of {plan.rounds}, {name}: {speed:,.0f} tokens/s")
        figures = {name: medians(each) for name, each in laps.items()}
    base, mixed = figures["base"], figures["mixed"]
    return {
        "machine": describe(job, busy, progress),
        "shape": plan.shape,
        "requests": plan.requests,
        "adapters": ADAPTERS,
        "rank": RANK,
        "ratios": {
            "mixed_over_base": _over(mixed, base, "total_tokens_per_second"),
            "decode_mixed_over_base": _over(mixed, base, "decode_tokens_per_second"),
        },
        **figures,
    }


def _lap(plan: Plan, crew: Crew, run: str, mix: Sequence[str]) -> Figures:
    order = order_of(plan.sizes, plan.requests, plan.new_tokens, run, mix)
    reply = crew.ask(OURS, order)
    if reply.run is None:
        raise ModelError("the engine gave no answer")
    check_run(OURS, order, reply.run)
    return served(reply.run)


def _over(mixed: Figures, base: Figures, key: str) -> float | None:
    return ratio(mixed[key], base[key])
