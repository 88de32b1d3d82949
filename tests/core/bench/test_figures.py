"""The figures of a run, worked out by hand."""

import pytest

from madang.bench.engine.figures import (
    check_run,
    decode_speed,
    median,
    prefill_speed,
    ratio,
    served,
    total_speed,
)
from madang.bench.engine.messages import Ask, Order, Run
from madang.errors import ModelError

ORDER = Order([Ask([1, 2, 3]), Ask([4])], 3)
TOGETHER = Run(8.0, [[1.0, 3.0, 7.0], [2.0, 4.0, 8.0]], [[1, 2, 3], [4, 5, 6]])
IN_TURN = Run(6.0, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1, 2, 3], [4, 5, 6]])


def test_total_is_all_tokens_over_all_of_the_time() -> None:
    assert total_speed(TOGETHER) == 6 / 8


def test_decode_is_what_arrived_while_everybody_decoded() -> None:
    # From 2 s, when the second begins, to 7 s, when the first ends: tokens at 3, 4 and 7 s.
    assert decode_speed(TOGETHER) == 3 / 5


def test_decode_is_blank_where_requests_are_served_in_turn() -> None:
    assert decode_speed(IN_TURN) is None


def test_prefill_is_all_prompt_tokens_over_a_run_of_its_own() -> None:
    assert prefill_speed(ORDER, Run(2.0, [[1.0], [2.0]], [[1], [4]])) == 2


def test_latencies_are_quantiles_over_requests_and_over_gaps() -> None:
    figures = served(TOGETHER)
    assert figures["ttft_p50_ms"] == pytest.approx(1500)
    assert figures["ttft_p95_ms"] == pytest.approx(1950)
    assert figures["between_tokens_p50_ms"] == pytest.approx(3000)  # gaps of 2, 2, 4 and 4 s


def test_blanks_stay_blank() -> None:
    assert median([None, None]) is None
    assert median([None, 2.0, 4.0]) == 3
    assert ratio(None, 2.0) is None
    assert ratio(3.0, None) is None
    assert ratio(3.0, 2.0) == 1.5


def test_an_answer_that_is_too_short_is_no_measurement() -> None:
    check_run("somebody", ORDER, TOGETHER)
    short = Run(1.0, [[1.0], [1.0, 1.0, 1.0]], [[1], [4, 5, 6]])
    with pytest.raises(ModelError, match=r"'somebody'.*\[1, 3\]"):
        check_run("somebody", ORDER, short)
