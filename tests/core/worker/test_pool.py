"""The pool: who is loaded, who has to leave, and who waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.core.worker.heavy import Heavy, Memory, budget_of

from madang.contract import Backend, Resident
from madang.errors import ModelNotLoaded
from madang.testing import EchoBackend, spin
from madang.worker import Pool

FOREVER = 3600.0


def ignore(done: float) -> None:
    """Hear how far a model is, and do nothing about it."""


class User:
    """Use a model until told to go."""

    def __init__(self, pool: Pool, model: str) -> None:
        self.heard: list[float] = []
        self.inside = asyncio.Event()
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._use(pool, model))

    async def _use(self, pool: Pool, model: str) -> None:
        async with pool.using(model, self.heard.append):
            self.inside.set()
            await self.leave.wait()

    async def go(self) -> None:
        """Stop using the model."""
        self.leave.set()
        await self.task


@asynccontextmanager
async def pool_of(
    *sizes: int, budget: int = 10, idle: float = 0.0, patience: float = FOREVER
) -> AsyncIterator[tuple[Pool, dict[str, Heavy]]]:
    """Make a pool of models of some sizes, called a, b, c and so on."""
    memory = Memory()
    backends = {name: Heavy(size, memory) for name, size in zip("abcd", sizes, strict=False)}
    pool = Pool(backends, budget=budget_of(budget), idle=idle, patience=patience)
    yield pool, backends
    await pool.close()
    assert memory.taken == 0
    assert memory.most <= budget
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def use(pool: Pool, *models: str) -> None:
    """Use models for a moment, one after the other."""
    for model in models:
        async with pool.using(model, ignore):
            pass


def test_only_what_says_its_need_is_counted() -> None:
    assert isinstance(Heavy(1), Resident)
    assert not isinstance(EchoBackend(), Resident)


async def test_those_who_come_together_load_it_once() -> None:
    async with pool_of(6) as (pool, models):
        users = [User(pool, "a") for _ in range(5)]
        for user in users:
            await user.inside.wait()
            await user.go()
        await use(pool, "a")
        assert models["a"].loads == 1
        assert users[0].heard[0] == 0.0
        assert 0.5 in users[0].heard


async def test_what_fits_together_stays() -> None:
    async with pool_of(4, 6) as (pool, models):
        await use(pool, "a", "b", "a", "b")
        assert [model.loads for model in models.values()] == [1, 1]
        assert pool.loaded == ["a", "b"]


async def test_the_least_recently_used_leaves() -> None:
    async with pool_of(4, 4, 4) as (pool, models):
        await use(pool, "a", "b", "a", "c")
        assert pool.loaded == ["a", "c"]
        await use(pool, "b")
        assert pool.loaded == ["b", "c"]
        assert models["a"].loads == 1


async def test_no_more_leave_than_have_to() -> None:
    async with pool_of(2, 7, 8) as (pool, _):
        await use(pool, "a", "b", "c")
        assert pool.loaded == ["a", "c"]


async def test_idle_ones_do_not_leave_where_that_does_not_help() -> None:
    async with pool_of(2, 7, 8) as (pool, models):
        await use(pool, "a")
        busy, newcomer = User(pool, "b"), User(pool, "c")
        await busy.inside.wait()
        await spin()
        assert pool.loaded == ["a", "b"]
        await busy.go()
        await newcomer.inside.wait()
        assert pool.loaded == ["a", "c"]
        await newcomer.go()
        assert models["a"].loads == 1


async def test_a_model_in_use_is_waited_for() -> None:
    async with pool_of(6, 6) as (pool, models):
        busy, newcomer = User(pool, "a"), User(pool, "b")
        await busy.inside.wait()
        await spin()
        assert not models["b"].begun.is_set()
        assert newcomer.heard == [0.0]
        second = User(pool, "a")  # the newcomer is still patient
        await second.inside.wait()
        await busy.go()
        await spin()
        assert not newcomer.inside.is_set()
        await second.go()
        await newcomer.inside.wait()
        assert pool.loaded == ["b"]
        await newcomer.go()


@pytest.mark.parametrize("patience", [0.0, 0.01])
async def test_one_that_is_always_busy_holds_nobody_up_for_ever(patience: float) -> None:
    async with pool_of(6, 6, patience=patience) as (pool, models):
        busy = User(pool, "a")
        await busy.inside.wait()
        newcomer = User(pool, "b")
        while not newcomer.inside.is_set():
            follower = User(pool, "a")
            await spin()
            if follower.inside.is_set():
                await busy.go()
                busy = follower
                continue
            await busy.go()  # newcomers of a busy model wait now: nobody else will
            await newcomer.inside.wait()
        assert not follower.inside.is_set()
        await newcomer.go()
        await follower.inside.wait()
        await follower.go()
        assert [model.loads for model in models.values()] == [2, 1]


async def test_room_is_given_in_the_order_of_coming() -> None:
    async with pool_of(6, 6, 6, 6, patience=0.0) as (pool, _):
        busy = User(pool, "a")
        await busy.inside.wait()
        waiting = []
        for model in "bcda":
            waiting.append(User(pool, model))
            await spin()
        await busy.go()
        for user in waiting:
            await user.inside.wait()
            await spin()
            assert sum(other.inside.is_set() and not other.task.done() for other in waiting) == 1
            await user.go()


async def test_who_gives_up_waiting_makes_nobody_leave() -> None:
    async with pool_of(6, 6, patience=0.0) as (pool, models):
        busy, newcomer = User(pool, "a"), User(pool, "b")
        await busy.inside.wait()
        await spin()
        newcomer.task.cancel()
        await spin()
        second = User(pool, "a")
        await second.inside.wait()
        await busy.go()
        await second.go()
        assert pool.loaded == ["a"]
        assert models["b"].loads == 0


async def test_who_gives_up_while_it_loads_leaves_it_idle() -> None:
    async with pool_of(6, 6) as (pool, models):
        models["a"].go.clear()
        user = User(pool, "a")
        await models["a"].begun.wait()
        user.task.cancel()
        await spin()
        models["a"].go.set()
        await use(pool, "b")
        assert pool.loaded == ["b"]


async def test_who_gives_up_when_it_is_just_loaded_is_not_counted() -> None:
    async with pool_of(6, 6) as (pool, models):
        models["a"].go.clear()
        user = User(pool, "a")
        await models["a"].begun.wait()
        await spin()
        models["a"].go.set()
        await models["a"].filled.wait()
        user.task.cancel()
        await asyncio.wait({user.task})
        await use(pool, "b")
        assert pool.loaded == ["b"]


async def test_what_can_never_fit_is_refused_and_stops_nobody() -> None:
    async with pool_of(6, 11) as (pool, models):
        await use(pool, "a")
        for _ in range(2):
            with pytest.raises(ModelNotLoaded, match="'b' needs 11 bytes, and models may take 10"):
                await use(pool, "b")
        assert pool.loaded == ["a"]
        assert models["b"].loads == 0


async def test_a_load_that_fails_is_told_to_all_and_tried_again() -> None:
    async with pool_of(6, 6) as (pool, models):
        models["a"].failing = True
        users = [User(pool, "a") for _ in range(3)]
        for user in users:
            with pytest.raises(ModelNotLoaded, match="cut off"):
                await user.task
        models["a"].failing = False
        await use(pool, "b", "a")
        assert models["a"].loads == 2


async def test_a_model_that_nobody_uses_is_unloaded_after_a_while() -> None:
    async with pool_of(6, idle=0.001) as (pool, models):
        user = User(pool, "a")
        await user.inside.wait()
        await use(pool, "a")
        assert pool.loaded == ["a"]
        await user.go()
        await models["a"].left.wait()
        assert pool.loaded == []
        await use(pool, "a")
        assert models["a"].loads == 2


async def test_one_who_comes_in_time_keeps_it() -> None:
    async with pool_of(6, idle=FOREVER) as (pool, models):
        for _ in range(3):
            await use(pool, "a")
        assert models["a"].loads == 1


async def test_what_takes_no_memory_waits_for_nobody_and_never_leaves() -> None:
    heavy, light = Heavy(6), EchoBackend()
    backends: dict[str, Backend] = {"heavy": heavy, "light": light}
    pool = Pool(backends, budget=budget_of(5), idle=0.001)
    with pytest.raises(ModelNotLoaded):
        await use(pool, "heavy")
    await use(pool, "light")
    await spin()
    assert pool.loaded == ["light"]
    await pool.close()


async def test_the_budget_is_asked_once_and_only_where_memory_is_taken() -> None:
    asked = []

    async def budget() -> None:
        asked.append(1)

    pool = Pool({"light": EchoBackend(), "a": Heavy(6), "b": Heavy(6)}, budget=budget)
    await use(pool, "light")
    assert asked == []
    await asyncio.gather(use(pool, "a"), use(pool, "b"))
    assert (asked, pool.loaded) == ([1], ["light", "a", "b"])
    await pool.close()


async def test_closing_in_the_middle_of_a_load_stops_it() -> None:
    async with pool_of(6, 6) as (pool, models):
        models["a"].go.clear()
        users = [User(pool, "a"), User(pool, "b")]
        await models["a"].begun.wait()
        await pool.close()
        for user in users:
            with pytest.raises(asyncio.CancelledError):
                await user.task
