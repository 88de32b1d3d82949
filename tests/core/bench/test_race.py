"""The benches of the engine from end to end, with candidates in this process."""

import dataclasses
import json

import pytest
from tests.core.bench.helpers import INSTALLED

from madang.bench.engine.adapters import bench_adapters
from madang.bench.engine.candidates import LIMITS, OURS, PEERS
from madang.bench.engine.child import Handle, Here
from madang.bench.engine.messages import Job
from madang.bench.engine.plan import Plan
from madang.bench.engine.race import bench_engine
from madang.bench.engine.report import engine_text
from madang.bench.engine.room import check_disk, check_memory
from madang.bench.engine.shapes import CONTEXT, Shape
from madang.bench.engine.turns import bench_turns
from madang.errors import MissingPackage, ModelError

FIGURES = {
    "total_tokens_per_second",
    "decode_tokens_per_second",
    "prefill_tokens_per_second",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "between_tokens_p50_ms",
    "between_tokens_p95_ms",
    "peak_memory_mib",
}
RATIOS = {
    "card_loop",
    "padded_generate",
    "transformers_cb",
    "llama_cpp",
    "matmul_limit",
    "bandwidth_limit",
}


def test_every_peer_that_is_there_is_measured(plan: Plan) -> None:
    told: list[str] = []
    found = bench_engine(plan, PEERS, told.append, Here)
    figures = json.loads(json.dumps(found))
    assert set(figures["ratios"]) == RATIOS
    assert set(figures["peers"]) == set(PEERS)
    assert figures["madang"].keys() >= FIGURES
    for name in INSTALLED:
        peer = figures["peers"][name]
        assert peer.keys() >= FIGURES
        assert peer["slowest_total"] <= peer["total_tokens_per_second"] <= peer["fastest_total"]
        if name in RATIOS:
            over = figures["madang"]["total_tokens_per_second"] / peer["total_tokens_per_second"]
            assert figures["ratios"][name] == pytest.approx(over, rel=0.01)
    assert figures["limits"]["matmul_tokens_per_second"] > 0
    assert figures["machine"]["dtype"] == "float32"
    rounds = [line for line in told if line.startswith("round 2 of 2")]
    assert len(rounds) == 1 + len(INSTALLED)


def test_a_peer_that_is_not_installed_is_blank_and_says_how_to_install_it(plan: Plan) -> None:
    def without_llama(name: str, job: Job) -> Handle:
        if name in {"llama_cpp", LIMITS}:
            raise MissingPackage("no such package", "Install it with `pip install it`.")
        return Here(name, job)

    told: list[str] = []
    short = dataclasses.replace(plan, rounds=1)
    found = json.loads(json.dumps(bench_engine(short, ["llama_cpp"], told.append, without_llama)))
    assert found["peers"] == {"llama_cpp": None}
    assert set(found["ratios"].values()) == {None}
    assert any("llama_cpp" in line and "pip install it" in line for line in told)
    text = engine_text(found)
    assert OURS in text
    assert "llama_cpp" in text


def test_a_mixed_batch_is_measured_against_the_base_alone(plan: Plan) -> None:
    found = json.loads(json.dumps(bench_adapters(plan, open_=Here)))
    mixed, base = (found[name]["total_tokens_per_second"] for name in ("mixed", "base"))
    assert found["ratios"]["mixed_over_base"] == pytest.approx(mixed / base, rel=0.01)


def test_a_conversation_grows_by_the_same_text_every_turn(plan: Plan) -> None:
    found = json.loads(json.dumps(bench_turns(dataclasses.replace(plan, rounds=1), open_=Here)))
    turns = found["turns"]
    assert {at: turn["prompt_tokens"] for at, turn in turns.items()} == {
        "2": 120,
        "10": 760,
        "40": 3160,
    }
    over = turns["40"]["ttft_ms"] / turns["2"]["ttft_ms"]
    assert found["ratios"]["turn_40_over_turn_2"] == pytest.approx(over, rel=0.01)
    assert "turn_10_over_turn_2" in found["ratios"]


def test_what_does_not_fit_is_said_with_how_much_is_missing(plan: Plan) -> None:
    giant = Shape(vocabulary=10**9, hidden=10**5, layers=2, heads=4, kv_heads=2, ffn=8)
    with plan.folder() as folder:
        with pytest.raises(ModelError, match=r"of disk, [\d.]+ GiB more than is free"):
            check_disk(giant, "bfloat16", folder, gguf=True)
        with pytest.raises(ModelError, match=r"of memory, [\d.]+ GiB more than"):
            check_memory(giant, plan.job(folder, 10), 1)
        with pytest.raises(ModelError, match="--new-tokens"):
            plan.job(folder, CONTEXT + 1)
