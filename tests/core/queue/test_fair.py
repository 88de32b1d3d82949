"""The fair queue: everybody in turn, and nobody forgotten."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.queue.fair import FairQueue

calm = settings(deadline=None, derandomize=True, database=None)
users = st.lists(st.sampled_from("abcdef"), max_size=80)


def filled(users: list[str]) -> FairQueue:
    """Make a queue with one item for each entry."""
    queue = FairQueue()
    for number, user in enumerate(users):
        queue.push(f"{user}{number}", user)
    return queue


def drained(queue: FairQueue) -> list[str]:
    """Pop everything."""
    return [queue.pop().item for _ in range(len(queue))]


@calm
@given(users)
def test_everybody_is_served_once_and_in_their_own_order(users: list[str]) -> None:
    served = drained(filled(users))
    items = [f"{user}{number}" for number, user in enumerate(users)]
    assert sorted(served) == sorted(items)
    for user in set(users):
        assert [s for s in served if s[0] == user] == [i for i in items if i[0] == user]


@calm
@given(users)
def test_nobody_is_a_round_ahead_of_somebody_who_waits(users: list[str]) -> None:
    queue = filled(users)
    left = {user: users.count(user) for user in users}
    counts = dict.fromkeys(users, 0)
    while len(queue):
        user = queue.pop().user
        counts[user] += 1
        left[user] -= 1
        assert all(counts[user] <= counts[other] + 1 for other in left if left[other])


@calm
@given(users)
def test_walking_tells_the_order_of_serving(users: list[str]) -> None:
    queue = filled(users)
    order = list(queue)
    assert drained(queue) == order


@calm
@given(users, st.data())
def test_who_is_removed_is_not_served(users: list[str], data: st.DataObject) -> None:
    queue = filled(users)
    for item in list(queue):
        if data.draw(st.booleans()):
            queue.remove(item)
            assert item not in list(queue)
    left = list(queue)
    assert drained(queue) == left


def test_who_is_put_back_is_served_next() -> None:
    queue = filled(["a", "a", "b"])
    ticket = queue.pop()
    queue.push("new", "new")
    queue.restore(ticket)
    assert queue.pop() is ticket


def test_a_newcomer_waits_one_round_and_not_longer() -> None:
    queue = filled(["a"] * 50 + ["b"] * 50)
    for _ in range(20):
        queue.pop()
    queue.push("late", "late")
    assert list(queue).index("late") <= 2


def test_taking_the_last_one_back_costs_nothing() -> None:
    queue = FairQueue()
    queue.push("a1", "a")
    queue.push("a2", "a")
    queue.remove("a2")
    queue.push("b1", "b")
    queue.push("b2", "b")
    queue.push("a3", "a")
    assert drained(queue) == ["a1", "b1", "b2", "a3"]


def test_there_is_nothing_to_serve_in_an_empty_queue() -> None:
    with pytest.raises(IndexError):
        FairQueue().pop()


def test_users_who_left_are_forgotten() -> None:
    queue = FairQueue()
    for number in range(1000):
        queue.push(str(number), str(number))
        queue.push(f"busy{number}", "busy")
        queue.pop()
        queue.pop()
    assert len(queue._finish) < 100


def test_users_who_ask_once_are_forgotten() -> None:
    queue = FairQueue()
    for number in range(1000):
        queue.push(str(number), str(number))
        assert queue.pop().item == str(number)
    assert len(queue._finish) < 100


def test_users_who_were_forgotten_take_their_turn_again() -> None:
    queue = FairQueue()
    queue.push("waiting", "patient")
    for number in range(200):
        queue.push(str(number), str(number))
        queue.remove(str(number))
    queue.push("late1", "late")
    queue.push("late2", "late")
    queue.push("new", "new")
    assert drained(queue) == ["waiting", "late1", "new", "late2"]
