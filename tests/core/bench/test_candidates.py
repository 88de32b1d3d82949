"""Every candidate really runs the same model: in fp32 all of them say the same."""

import pytest
import torch
from tests.core.bench.helpers import INSTALLED, folder_of

from madang.bench.engine.candidates import CANDIDATES, LIMITS, OURS
from madang.bench.engine.figures import check_run
from madang.bench.engine.limits import cached_tokens
from madang.bench.engine.lora import make_adapters
from madang.bench.engine.messages import Limit, Order, Run
from madang.bench.engine.plan import Plan
from madang.bench.engine.prompts import LONGEST, order_of

EIGHT_BITS = "llama_cpp_q8_0"


def answers(name: str, plan: Plan, *orders: Order, **adapters: str) -> list[Run]:
    runs = []
    job = plan.job(folder_of(plan), LONGEST + plan.new_tokens, adapters)
    with CANDIDATES[name].open(job) as answer:
        for order in orders:
            run = answer(order)
            assert isinstance(run, Run)
            check_run(name, order, run)
            assert all(0 < time <= run.seconds for times in run.arrivals for time in times)
            assert all(times == sorted(times) for times in run.arrivals)
            runs.append(run)
    return runs


@pytest.fixture(scope="module")
def orders(plan: Plan) -> list[Order]:
    return [
        order_of(plan.sizes, plan.requests, plan.new_tokens, "one"),
        order_of(plan.sizes, plan.requests, 1, "other"),
    ]


@pytest.fixture(scope="module")
def expected(plan: Plan, orders: list[Order]) -> list[list[list[int]]]:
    return [run.tokens for run in answers("card_loop", plan, *orders)]


@pytest.mark.parametrize("name", (OURS, *INSTALLED[1:]))
def test_it_says_what_generate_says(
    name: str, plan: Plan, orders: list[Order], expected: list[list[list[int]]]
) -> None:
    said = [run.tokens for run in answers(name, plan, *orders)]
    if name != EIGHT_BITS:
        assert said == expected


def test_ours_answers_with_the_adapter_that_is_asked_for(plan: Plan) -> None:
    adapters = make_adapters(plan.sizes, plan.dtype, folder_of(plan), 2)
    alone = order_of(plan.sizes, plan.requests, 4, "mix")
    mixed = order_of(plan.sizes, plan.requests, 4, "mix", ("", *adapters))
    base, mix = answers(OURS, plan, alone, mixed, **adapters)
    same = [left == right for left, right in zip(base.tokens, mix.tokens, strict=True)]
    assert same == [not ask.adapter for ask in mixed.asks]


@pytest.mark.parametrize("dtype", ("float32", "bfloat16"))
def test_the_limit_is_of_all_linear_layers(dtype: str, plan: Plan, orders: list[Order]) -> None:
    made = Plan(shape="tiny", dtype=dtype, threads=1, keep=plan.keep)  # type: ignore[arg-type]
    from madang.bench.engine.checkpoint import make

    make(made.sizes, made.dtype, folder_of(made))
    with CANDIDATES[LIMITS].open(made.job(folder_of(made), LONGEST)) as measure:
        limit = measure(orders[0])
    assert isinstance(limit, Limit)
    assert set(limit.passes) <= {"linear", "prepacked"}
    assert all(seconds > 0 for seconds in limit.passes.values())
    shape, width = made.sizes, getattr(torch, dtype).itemsize
    unread = shape.vocabulary * shape.hidden + (2 * shape.layers + 1) * shape.hidden
    cache = shape.kv_numbers() * cached_tokens(orders[0])
    assert limit.step_bytes == width * (shape.parameters - unread + cache)
    assert limit.copy_bandwidth is None or torch.cuda.is_available()
