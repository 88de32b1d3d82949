"""A plan as people and programs read it."""

import json
from collections.abc import Iterator, Sequence

from madang.inference.fit import QUANTISATIONS
from madang.inference.memory import GIB
from madang.models.needs import Need
from madang.models.plan import RUNTIME, Plan


def plans_text(plans: Sequence[Plan]) -> str:
    """Write the needs as a table, then what they come to on each card."""
    heads = ("model", "as set", "weights", "KV", "bf16/int8/nf4", "GiB")
    lines = ["{:<16}{:>8}{:>9}{:>7}{:>20}  {}".format(*heads)]
    lines += [_need(each) for each in plans[0].needs]
    for plan in plans:
        lines += ["", f"a GPU with {plan.vram / GIB:.4g} GiB", *_verdict(plan)]
    return "\n".join([*lines, *_remarks(plans[0])])


def plans_json(plans: Sequence[Plan]) -> str:
    """Write one JSON list; sizes are in bytes."""
    return json.dumps([_plan(plan) for plan in plans], ensure_ascii=False, indent=2)


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "vram": plan.vram,
        "runtime": RUNTIME,
        "together": [each.name for each in plan.together],
        "used": plan.used,
        "in_turn": {need.name: leaving for need, leaving in plan.in_turn},
        "too_big": [each.name for each in plan.too_big],
        "unknown": plan.unknown,
        "elsewhere": plan.elsewhere,
        "models": [{**vars(need), "choices": dict(need.choices)} for need in plan.needs],
    }


def _need(need: Need) -> str:
    choices = "/".join(f"{need.choices[each] / GIB:.1f}" for each in QUANTISATIONS)
    return (
        f"{need.name:<16}{need.quantisation:>8}{need.weights / GIB:>9.1f}{need.kv / GIB:>7.1f}"
        f"{choices:>20}  {need.origin}, {need.tokens} tokens"
    )


def _verdict(plan: Plan) -> Iterator[str]:
    if plan.together:
        names = ", ".join(each.name for each in plan.together)
        used = f"{plan.used / GIB:.1f} of {plan.vram / GIB:.4g} GiB"
        yield f"  fit at once: {names} ({used}, run time {RUNTIME / GIB:g} included)"
    for need, leaving in plan.in_turn:
        yield f"  takes turns: {need.name}, once {', '.join(leaving)} left"
    for need in plan.too_big:
        took = (need.bytes + RUNTIME) / GIB
        yield f"  does not fit: {need.name} needs {took:.1f} GiB{_way(need, plan.vram)}"


def _remarks(plan: Plan) -> Iterator[str]:
    if plan.unknown or plan.elsewhere or any(need.uncounted for need in plan.needs):
        yield ""
    for name in plan.unknown:
        yield f"not known: {name}, which is not here; fetch it: madang models pull {name}"
    for need in plan.needs:
        for role in need.uncounted:
            yield f"not counted: {role} of {need.name}, whose size is not known before it is here"
    for name in plan.elsewhere:
        yield f"served elsewhere: {name}"


def _way(need: Need, vram: int) -> str:
    """Name the quantisation that would fit."""
    for choice in QUANTISATIONS:
        took = RUNTIME + need.kv + need.choices[choice]
        if took <= vram and choice != need.quantisation:
            return f"; with {choice} it would take {took / GIB:.1f}"
    return "; a smaller `context` takes less"
