"""Marks hold in a block, in what begins in it, and no longer than it."""

import asyncio

from madang.marks import marked, marks


def test_inner_marks_join_outer_ones_and_leave_with_their_block() -> None:
    with marked(worker="here"):
        with marked(request="one", attempt=2):
            assert marks() == {"worker": "here", "request": "one", "attempt": 2}
        assert marks() == {"worker": "here"}
    assert marks() == {}


async def test_tasks_side_by_side_have_marks_of_their_own() -> None:
    async def work(name: str) -> str | int:
        with marked(request=name):
            await asyncio.sleep(0)
            return marks()["request"]

    assert list(await asyncio.gather(work("one"), work("two"))) == ["one", "two"]


async def test_a_task_that_outlives_its_block_works_for_others_by_then() -> None:
    go = asyncio.Event()

    async def work() -> object:
        before = dict(marks())
        await go.wait()
        return before, dict(marks())

    with marked(request="one"):
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
    go.set()
    assert await task == ({"request": "one"}, {})
