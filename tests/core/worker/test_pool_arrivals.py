"""The pool under whatever arrives: never over the budget, nobody thrown out, nobody forgotten."""

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.worker.heavy import Heavy, Memory, budget_of

from madang.testing import a_request
from madang.worker import Pool

BUDGET = 10
calm = settings(deadline=None, derandomize=True, database=None, max_examples=150)


@dataclass(frozen=True)
class Arrival:
    """Say when somebody comes, to which model, for how long, and when they give up."""

    model: str
    after: int
    tokens: int
    patience: int | None


arrivals = st.builds(
    Arrival,
    st.sampled_from("abcd"),
    st.integers(0, 40),
    st.integers(0, 30),
    st.one_of(st.none(), st.integers(0, 60)),
)


async def steps(number: int) -> None:
    """Let everybody else go so many steps."""
    for _ in range(number):
        await asyncio.sleep(0)


async def visit(pool: Pool, arrival: Arrival, told: list[float]) -> str:
    """Ask a model and return its answer."""
    async with pool.using(arrival.model, told.append) as backend:
        request = a_request("가" * arrival.tokens or "나")
        return "".join([output.text async for output in backend.generate(request)])


async def arrive(pool: Pool, arrival: Arrival) -> bool:
    """Come, ask, and say whether it was answered."""
    await steps(arrival.after)
    told: list[float] = []
    asking = asyncio.create_task(visit(pool, arrival, told))
    if arrival.patience is not None:
        await steps(arrival.patience)
        asking.cancel()
    await asyncio.wait({asking})
    return not asking.cancelled() and len(asking.result()) == max(1, arrival.tokens)


@calm
@given(
    st.lists(st.integers(1, BUDGET), min_size=4, max_size=4),
    st.lists(arrivals, max_size=25),
    st.sampled_from([0.0, 3600.0]),
    st.booleans(),
)
async def test_everybody_is_served_within_the_budget(
    sizes: list[int], coming: list[Arrival], patience: float, drowsy: bool
) -> None:
    memory = Memory()
    backends = {name: Heavy(size, memory) for name, size in zip("abcd", sizes, strict=True)}
    pool = Pool(
        backends, budget=budget_of(BUDGET), patience=patience, idle=0.0001 if drowsy else 0.0
    )
    async with asyncio.timeout(20):
        served = await asyncio.gather(*(arrive(pool, arrival) for arrival in coming))
    for arrival, answered in zip(coming, served, strict=True):
        assert answered or arrival.patience is not None
    assert memory.most <= BUDGET
    if sum(sizes) <= BUDGET and not drowsy:
        assert all(model.loads <= 1 for model in backends.values())
    await pool.close()
    assert memory.taken == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
