"""`madang bench turns`: time to first token as a conversation grows."""

import dataclasses
import random
import statistics

from madang.bench.engine.busy import Busy
from madang.bench.engine.candidates import OURS
from madang.bench.engine.checkpoint import make
from madang.bench.engine.child import Child, Open
from madang.bench.engine.crew import Crew, Progress
from madang.bench.engine.figures import check_run, ratio, rounded
from madang.bench.engine.machine import describe
from madang.bench.engine.messages import Ask, Order
from madang.bench.engine.plan import Plan
from madang.bench.engine.room import check_disk, check_memory
from madang.errors import ModelError

SAID = ANSWERED = 40  # tokens that each turn adds
TURNS = (2, 10, 40)
LAST = max(TURNS)


def bench_turns(
    plan: Plan, progress: Progress = lambda line: None, open_: Open = Child
) -> dict[str, object]:
    """Hold `rounds` conversations of 40 turns, one request at a time, and return medians.

    Turn 2 is the first that has something to build on; every turn says as much as the others.
    """
    plan = dataclasses.replace(plan, requests=1)
    busy = Busy()
    with plan.folder() as folder:
        job = plan.job(folder, LAST * (SAID + ANSWERED))
        check_disk(plan.sizes, plan.dtype, folder, gguf=False)
        check_memory(plan.sizes, job, 1)
        make(plan.sizes, plan.dtype, folder)
        warm_up = Order([Ask(_words(plan, "warm-up"))], ANSWERED)
        turns: list[list[Turn]] = []
        with Crew(job, warm_up, open_, progress, together=True) as crew:
            for number in range(1, plan.rounds + 1):
                progress(f"conversation {number} of {plan.rounds}")
                turns.append(_converse(plan, crew, f"{number}"))
    figures = {str(at): _figures([each[at - 1] for each in turns]) for at in TURNS}
    return {
        "machine": describe(job, busy, progress),
        "shape": plan.shape,
        "conversations": plan.rounds,
        "ratios": {
            f"turn_{at}_over_turn_2": ratio(figures[str(at)]["ttft_ms"], figures["2"]["ttft_ms"])
            for at in TURNS[1:]
        },
        "turns": figures,
    }


Turn = tuple[float, int, int]  # seconds to first token, prompt tokens, those from the cache


def _converse(plan: Plan, crew: Crew, name: str) -> list[Turn]:
    history: list[int] = []
    turns = []
    for number in range(LAST):
        history += _words(plan, f"{name} {number}")
        order = Order([Ask(history)], ANSWERED)
        run = crew.ask(OURS, order).run
        if run is None:
            raise ModelError("the engine gave no answer")
        check_run(OURS, order, run)
        turns.append((run.arrivals[0][0], len(history), run.cached[0]))
        history = history + run.tokens[0]
    return turns


def _words(plan: Plan, name: str) -> list[int]:
    words = random.Random(name)
    return [words.randrange(1, plan.sizes.vocabulary) for _ in range(SAID)]


def _figures(turns: list[Turn]) -> dict[str, float]:
    seconds, prompts, cached = zip(*turns, strict=True)
    return {
        "ttft_ms": rounded(1e3 * statistics.median(seconds)),
        "prompt_tokens": statistics.median(prompts),
        "cached_tokens": statistics.median(cached),
    }
