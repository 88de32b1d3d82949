"""The bench of the queue from end to end: real servers, real processes, small counts."""

import importlib.util
import json
from pathlib import Path

import pytest
from tests.standins.redis_server import WHERE_FROM, find_server, running

from madang.bench.queue.candidates import PEERS
from madang.cli import main

SMALL = ["--seconds", "0.05", "--rounds", "1", "--requests", "4", "--lease", "0.4"]
FIGURES = {
    "requests_per_s",
    "slowest_requests_per_s",
    "fastest_requests_per_s",
    "p50_ms",
    "p99_ms",
    "versions",
}
OF_PEERS = {*FIGURES, "shipped_p50_ms", "set_up", "as_shipped", "absent"}
RATIOS = {"best_library_throughput", "best_library_p50", "ping_p50"}
TOP = {
    "machine",
    "server",
    "rounds",
    "seconds",
    "requests",
    "payload_bytes",
    "pieces_per_answer",
    "ratios",
    "chunks_per_s",
    "recovery_s",
    "recoveries_s",
    "lease_s",
    "ours",
    "ping",
    "peers",
}


def is_installed(peer: str) -> bool:
    packages = {"taskiq": ("taskiq", "taskiq_redis")}.get(peer, (peer,))
    return all(map(importlib.util.find_spec, packages))


def test_the_command_prints_one_json_object_with_every_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "queue", *SMALL, "--json"]) == 0
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert figures.keys() == TOP
    assert figures["machine"].keys() == {"cpu", "cores", "used_by_others"}
    assert figures["server"].keys() == {"name", "version", "appendonly"}
    assert figures["ours"].keys() == FIGURES
    assert 0 < figures["ours"]["p50_ms"] <= figures["ours"]["p99_ms"]
    assert figures["ours"]["requests_per_s"] > 0
    assert figures["ratios"].keys() == RATIOS
    over = figures["ours"]["p50_ms"] / figures["ping"]["p50_ms"]
    assert figures["ratios"]["ping_p50"] == pytest.approx(over, rel=0.01)
    assert figures["chunks_per_s"] > 0
    assert figures["lease_s"] == 0.4
    assert 0 < figures["recovery_s"] == max(figures["recoveries_s"])
    assert "round 1 of 1, madang" in said.err
    assert figures["peers"].keys() == set(PEERS)
    for peer, found in figures["peers"].items():
        assert found.keys() == OF_PEERS
        if is_installed(peer):
            assert found["absent"] is None
            assert found["requests_per_s"] > 0
        else:
            assert "is not installed" in found["absent"]
            assert {found[key] for key in FIGURES} == {None}
            assert f"{peer}: left out, since" in said.err
    if not any(map(is_installed, PEERS)):
        assert figures["ratios"]["best_library_throughput"] is None


def test_a_given_server_is_used_and_the_table_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = find_server("valkey")
    if binary is None:
        pytest.skip(f"there is no valkey server here: {WHERE_FROM['valkey']}")
    with running(binary, tmp_path) as server:
        command = ["bench", "queue", *SMALL, "--peers", "none", "--url", server.url]
        assert main(command) == 0
    text = capsys.readouterr().out
    assert "valkey" in text
    assert "chunks/s" in text
    assert "on a lease of 0.4 s" in text
