"""Giving way to other programs."""

from collections.abc import Callable, Iterator

import pytest

from madang.inference.engine.threads import PATIENCE, RETRY_SECONDS, WINDOW_SECONDS, Threads

Pass = Callable[[float, float], None]


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pass]:
    """Give a function that lets seconds pass, and so much of them on the processor."""
    now = {"wall": 100.0, "cpu": 5.0}

    def go_on(wall: float, cpu: float) -> None:
        now["wall"] += wall
        now["cpu"] += cpu

    monkeypatch.setattr("time.monotonic", lambda: now["wall"])
    monkeypatch.setattr("time.process_time", lambda: now["cpu"])
    yield go_on


def test_threads_that_get_their_cores_stay(clocks: Pass) -> None:
    threads = Threads(4)
    clocks(WINDOW_SECONDS, 4 * 0.97 * WINDOW_SECONDS)
    assert not threads.stepped()
    assert threads.count == 4


def test_threads_that_share_their_cores_become_half_as_many(clocks: Pass) -> None:
    threads = Threads(4)
    for expected in (2, 1, 1):
        before = threads.count
        for _ in range(PATIENCE):
            assert threads.count == before
            clocks(WINDOW_SECONDS, 0.64 * threads.count * WINDOW_SECONDS)
            threads.stepped()
        assert threads.count == expected


def test_all_of_them_are_tried_again(clocks: Pass) -> None:
    threads = Threads(2)
    for _ in range(PATIENCE):
        clocks(WINDOW_SECONDS, WINDOW_SECONDS)
        changed = threads.stepped()
    assert changed
    clocks(RETRY_SECONDS / 2, RETRY_SECONDS / 2)
    assert not threads.stepped()
    clocks(RETRY_SECONDS, RETRY_SECONDS)
    assert threads.stepped()
    assert threads.count == 2


def test_a_rest_is_not_taken_for_a_crowd(clocks: Pass) -> None:
    threads = Threads(2)
    clocks(60.0, 0.0)
    threads.rest()
    clocks(WINDOW_SECONDS, 2 * WINDOW_SECONDS)
    assert not threads.stepped()


def test_a_moment_is_too_short_to_judge(clocks: Pass) -> None:
    threads = Threads(2)
    clocks(WINDOW_SECONDS / 2, 0.0)
    assert not threads.stepped()
