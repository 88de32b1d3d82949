"""Candidates in processes of their own, from the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from madang.bench.engine.child import Child
from madang.bench.engine.plan import Plan
from madang.cli import main
from madang.errors import ModelError

COMMAND = ["bench", "engine", "--shape", "tiny", "--dtype", "float32", "--threads", "1"]
SMALL = ["--requests", "4", "--new-tokens", "4", "--rounds", "1", "--peers", "none"]


def test_the_command_prints_one_json_object(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, *SMALL, "--json", "--keep", str(plan.keep)]) == 0
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert figures["ratios"]["card_loop"] is None
    assert figures["limits"]["matmul_tokens_per_second"] > 0
    assert figures["madang"]["peak_memory_mib"] > 0
    assert "round 1 of 1, madang" in said.err


def test_what_a_candidate_died_of_is_told(plan: Plan, tmp_path: Path) -> None:
    job = plan.job(tmp_path, 10)
    with pytest.raises(ModelError, match=r"no folder .*model"):
        Child("madang", job)


def test_ctrl_c_leaves_no_process_behind(plan: Plan) -> None:
    arguments = [*COMMAND, "--rounds", "1000", "--peers", "none", "--keep", str(plan.keep)]
    process = subprocess.Popen(
        [sys.executable, "-m", "madang.cli", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if process.stderr is None:
        pytest.fail("no stderr")
    with process, process.stderr as lines:
        next(line for line in lines if "round 1 of" in line)
        os.killpg(process.pid, signal.SIGINT)
        lines.read()  # ends when nobody holds the other end any more, also no grandchild
        process.wait()
    assert process.returncode == 130
