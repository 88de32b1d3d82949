"""Messages of one go are taken together, in order and on time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.contract import Author, Place
from madang.conversation import Bursts

Taken = tuple[float, str, list[int]]


class VirtualLoop(asyncio.SelectorEventLoop):
    """Let time pass at once whenever everybody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        return self.now


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        self._loop.now += max(timeout or 0.0, 0.0)
        return super().select(0)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())


def collecting(taken: list[Taken], *, slow: float = 0.0) -> Bursts[int]:
    async def take(place: Place, author: Author, parts: list[int]) -> None:
        taken.append((asyncio.get_running_loop().time(), author.id, parts))
        await asyncio.sleep(slow)

    return Bursts(take=take)


HERE = Place("test/main")


def somebody(name: str = "a") -> Author:
    return Author(name, name)


def test_waits_for_quiet_and_longer_for_what_was_cut() -> None:
    taken: list[Taken] = []

    async def work() -> None:
        bursts = collecting(taken)
        bursts.add(HERE, somebody(), 1)
        await asyncio.sleep(0.5)
        bursts.add(HERE, somebody(), 2, cut=True)
        await asyncio.sleep(1.5)
        bursts.add(HERE, somebody(), 3)
        await asyncio.sleep(5)
        bursts.add(HERE, somebody(), 4, over=True)
        await asyncio.sleep(0)
        await bursts.close()

    run(work)
    assert [(round(at, 2), parts) for at, _, parts in taken] == [(2.6, [1, 2, 3]), (7.0, [4])]


def test_a_slow_taker_gets_one_burst_of_an_author_after_another() -> None:
    taken: list[Taken] = []

    async def work() -> None:
        bursts = collecting(taken, slow=10)
        bursts.add(HERE, somebody(), 1, over=True)
        bursts.add(HERE, somebody(), 2, over=True)
        bursts.add(HERE, somebody("b"), 3, over=True)
        await bursts.close()

    run(work)
    assert [(round(at), parts) for at, _, parts in taken] == [(0, [1]), (0, [3]), (10, [2])]


SENT = st.tuples(
    st.sampled_from([0.0, 0.1, 0.59, 0.61, 1.9, 2.1, 3.0]),
    st.sampled_from("ab"),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(SENT, max_size=40), st.booleans())
def test_nothing_is_lost_doubled_or_turned_around(
    sent: list[tuple[float, str, bool, bool]], abrupt: bool
) -> None:
    taken: list[Taken] = []
    at: dict[int, float] = {}

    async def work() -> None:
        bursts = collecting(taken)
        for number, (pause, author, cut, over) in enumerate(sent):
            await asyncio.sleep(pause)
            at[number] = asyncio.get_running_loop().time()
            bursts.add(HERE, somebody(author), number, cut=cut, over=over)
        if not abrupt:
            await asyncio.sleep(10)
        await bursts.close()

    run(work)
    for name in "ab":
        mine = [parts for _, author, parts in taken if author == name]
        given_ = [number for number, each in enumerate(sent) if each[1] == name]
        assert [number for parts in mine for number in parts] == given_
        for one, next_ in pairwise(mine):
            last = one[-1]
            paused = at[next_[0]] - at[last] >= (2.0 if sent[last][2] else 0.6) - 0.01
            assert paused or sent[last][3] or len(one) == 16
    for when, _, parts in taken:
        assert len(parts) <= 16
        assert all(not sent[number][3] for number in parts[:-1])
        waits = [2.0 if sent[number][2] else 0.6 for number in parts]
        pairs = zip(parts, parts[1:], waits, strict=False)
        assert all(at[after] - at[before] <= wait + 0.01 for before, after, wait in pairs)
        assert when <= at[parts[-1]] + waits[-1] + 0.01


def test_parts_are_changed_and_left_out_until_they_are_taken() -> None:
    taken: list[Taken] = []

    async def work() -> None:
        bursts = collecting(taken, slow=1.0)
        for number in (1, 2, 3):
            bursts.add(HERE, somebody(), number)
        bursts.add(HERE, somebody("b"), 4)
        bursts.change({1: 10, 3: 3}.get)
        await asyncio.sleep(1.0)
        bursts.add(HERE, somebody(), 5, over=True)
        await asyncio.sleep(0.1)
        bursts.change({5: 50}.get)
        await bursts.close()

    run(work)
    assert [(author, parts) for _, author, parts in taken] == [("a", [10, 3]), ("a", [50])]


def test_what_somebody_sends_is_taken_early_where_it_has_to_be() -> None:
    taken: list[Taken] = []

    async def work() -> None:
        bursts = collecting(taken, slow=1.0)
        bursts.add(HERE, somebody(), 1)
        bursts.add(HERE, somebody("b"), 2)
        await bursts.flush(HERE, somebody())
        await bursts.flush(HERE, somebody("c"))
        await bursts.close()

    run(work)
    assert [(at, author, parts) for at, author, parts in taken] == [
        (0.0, "a", [1]),
        (0.6, "b", [2]),
    ]


def test_what_was_cut_is_not_parted() -> None:
    taken: list[Taken] = []

    async def work() -> None:
        bursts = collecting(taken)
        for number in range(20):
            bursts.add(HERE, somebody(), number, cut=number < 19)
        await bursts.close()

    run(work)
    assert [parts for _, _, parts in taken] == [list(range(20))]
