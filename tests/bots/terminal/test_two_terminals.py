"""Two terminals talk with two personas, and one worker computes both answers in one batch."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.standins.redis_server import find_server, running

MADANG = [sys.executable, "-c", "import sys; from madang.cli import main; sys.exit(main())"]
QUESTIONS = {
    "finance_advisor": [
        "중앙은행의 역할에 대해서 설명해줄래?",
        "금리가 오르면 어떻게 돼?",
        "물가가 뭐야?",
    ],
    "culture_qa": ["추석에는 뭐 해?", "한복에 대해 알려줘.", "김치는 어떻게 만들어?"] * 2,
}


@dataclass
class Fleet:
    """Hold the environment of a deployment and its one worker, on the demo model."""

    environment: dict[str, str]
    worker: subprocess.Popen[str]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Start a deployment of which the worker serves."""
    binary = find_server("valkey") or find_server("redis")
    if binary is None:
        pytest.fail("there is neither a Valkey nor a Redis here")
    with running(binary, tmp_path) as server:
        environment = {
            **os.environ,
            "MADANG_HOME": str(tmp_path),
            "MADANG__QUEUE__KIND": "redis",
            "MADANG__QUEUE__URL": server.url,
        }
        worker = subprocess.Popen(
            [*MADANG, "worker"], env=environment, stderr=subprocess.PIPE, text=True
        )
        try:
            next(line for line in worker.stderr or () if " serves " in line)
            yield Fleet(environment, worker)
        finally:
            worker.kill()
            worker.wait()
            if worker.stderr:
                worker.stderr.close()


def test_two_terminals_share_one_batch(fleet: Fleet) -> None:
    ask(fleet, "assistant", ["안녕?"]).communicate()  # has the model loaded
    talks = [ask(fleet, persona, questions) for persona, questions in QUESTIONS.items()]
    answers = [talk.communicate()[0].splitlines() for talk in talks]
    for (persona, questions), lines in zip(QUESTIONS.items(), answers, strict=True):
        assert [line.partition(":")[0] for line in lines] == [persona] * len(questions)
    fleet.worker.terminate()
    fleet.worker.wait()
    metrics = served(fleet)
    assert metrics["largest_batch"] >= 2
    assert metrics["mixed_steps"] > 0


def ask(fleet: Fleet, persona: str, questions: list[str]) -> subprocess.Popen[str]:
    """Start a terminal that asks some questions, one after the other."""
    talk = subprocess.Popen(
        [*MADANG, "chat", "--persona", persona],
        env=fleet.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert talk.stdin is not None
    talk.stdin.write("".join(f"{question}\n" for question in questions))
    talk.stdin.close()
    talk.stdin = None
    return talk


def served(fleet: Fleet) -> dict[str, Any]:
    """Return what the engine counted, as the worker reported it when it left."""
    command = [*MADANG, "status", "--json"]
    done = subprocess.run(
        command, env=fleet.environment, capture_output=True, text=True, check=True
    )
    [worker] = json.loads(done.stdout)["workers"]
    [model] = worker["report"]["models"]
    metrics: dict[str, Any] = model["metrics"]
    return metrics
