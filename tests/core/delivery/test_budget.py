"""Budgets: no window is overrun, and something is left for what may not be missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.delivery import Budget

CALLS = st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=40)


@given(CALLS, st.integers(1, 5), st.floats(0.5, 10))
def test_no_window_has_more_calls_than_it_may(
    calls: list[tuple[bool, float]], count: int, seconds: float
) -> None:
    budget, now, made = Budget((count, seconds)), 0.0, list[float]()
    for preview, pause in calls:
        now += pause
        now += budget.delay(now, preview=preview)
        budget.spend(now, preview=preview)
        made.append(now)
    for last in range(count, len(made)):
        assert made[last] - made[last - count] >= seconds - 1e-6


def test_previews_leave_the_last_call_to_a_final_text() -> None:
    budget = Budget((3, 5.0))
    for _ in range(2):
        assert budget.delay(0.0, preview=True) == 0
        budget.spend(0.0, preview=True)
    assert budget.delay(0.0, preview=True) == 5.0
    assert budget.delay(0.0, preview=False) == 0
    budget.spend(0.0, preview=False)
    assert budget.delay(1.0, preview=False) == 4.0


def test_what_the_platform_says_holds_besides() -> None:
    budget = Budget(spacing=1.0)
    budget.spend(0.0, preview=True)
    assert budget.delay(0.2, preview=True) == 0.8
    budget.learn(0.2, remaining=1, reset_after=3.0, preview=True)
    assert (budget.delay(0.2, preview=True), budget.delay(0.2, preview=False)) == (3.0, 0.0)
    budget.learn(0.2, remaining=0, reset_after=4.0, preview=True)
    assert budget.delay(0.2, preview=False) == 4.0
    budget.pause(0.2, 9.0)
    assert budget.delay(5.2, preview=False) == pytest.approx(4.0)
