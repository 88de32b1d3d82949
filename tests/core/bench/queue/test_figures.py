"""What is made of the rounds."""

import pytest

from madang.bench.queue.candidates import OURS
from madang.bench.queue.figures import Lap, Results, summary
from madang.bench.queue.plan import Plan
from madang.bench.queue.report import queue_text

MACHINE = {
    "machine": {"cpu": "abacus", "cores": 2, "used_by_others": 0.0},
    "server": {"name": "redis", "version": "7.0", "appendonly": False},
}


def lap(speed: float, milliseconds: float) -> Lap:
    return Lap(speed, [milliseconds / 1e3] * 10, {"redis": "8.1.0"})


@pytest.fixture
def results() -> Results:
    return Results(
        laps={
            OURS: [lap(5000, 1.0), lap(6000, 0.9), lap(100, 30.0)],
            "saq": [lap(2000, 3.0)],
            "rq": [lap(300, 2.0)],
        },
        absent={"taskiq": "taskiq is not installed for python", "rq": "failed once"},
        shipped={"saq": [1.0, 1.0, 1.0]},
        pings=[[0.0001] * 5],
        chunks=[50_000.0, 40_000.0, 45_000.0],
        recoveries=[2.4, 2.9, 2.6],
    )


def test_ratios_are_to_the_best_library_of_each_kind(results: Results) -> None:
    found = summary(Plan(peers=["saq", "taskiq", "rq"]), results)
    assert found["ratios"] == {
        "best_library_throughput": pytest.approx(2.5),
        "best_library_p50": pytest.approx(0.5),
        "ping_p50": pytest.approx(10),
    }
    assert found["chunks_per_s"] == 45_000
    assert found["recovery_s"] == 2.9


def test_the_table_tells_who_is_absent_and_how_each_is_set_up(results: Results) -> None:
    plan = Plan(peers=["saq", "taskiq", "rq"])
    text = queue_text({**MACHINE, **summary(plan, results)})
    assert "taskiq: left out, since taskiq is not installed" in text
    assert "failed once" not in text
    assert "publish and subscribe" in text
    assert "2.9 s after its worker was killed" in text
    (saq,) = [line for line in text.splitlines() if line.startswith("saq  ")]
    assert saq.split() == ["saq", "2,000", "3", "3", "1,000"]


def test_nothing_is_invented_where_nothing_was_measured(results: Results) -> None:
    results.laps = {OURS: results.laps[OURS]}
    found = summary(Plan(peers=["saq"]), results)
    ratios = found["ratios"]
    assert isinstance(ratios, dict)
    assert ratios["best_library_throughput"] is ratios["best_library_p50"] is None
    assert "-" in queue_text({**MACHINE, **found})
