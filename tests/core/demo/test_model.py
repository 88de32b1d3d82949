"""The demo model as people meet it: through the command line, the whole path and real weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from madang.demo.corpus import PERSONAS, read_corpus
from madang.demo.evaluate import is_right
from madang.setup import prepare


def madang(home: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "madang.cli", *arguments],
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "MADANG_HOME": str(home), "MADANG_PROFILE": "demo"},
    )


def test_with_nothing_to_read_it_walks_every_sample_and_knows_them_all(tmp_path: Path) -> None:
    done = madang(tmp_path, "chat")
    assert done.returncode == 0, done.stderr
    answers: dict[str, list[str]] = {name: [] for name in PERSONAS}
    for line in done.stdout.splitlines():
        name, found, text = line.partition(": ")
        if found and name in answers:
            answers[name].append(text)
        else:
            last = answers["qa_generator"]
            last[-1] += f"\n{line}"
    setup = prepare("demo", {})
    for name, said in answers.items():
        samples = setup.plugins.personas[name].current().text("ko").samples
        written = {ask: topic.answers for topic in read_corpus(name).topic for ask in topic.ask}
        assert len(said) == len(samples)
        for sample, text in zip(samples, said, strict=True):
            assert is_right(text, written[sample]), sample


def test_a_piped_question_is_answered(tmp_path: Path) -> None:
    done = madang(tmp_path, "chat", said="중앙은행의 역할에 대해서 설명해줄래?\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("assistant: ")
    assert "중앙은행" in done.stdout
    assert list(tmp_path.glob("*.db")) == []


def test_evaluate_reports_rates(tmp_path: Path) -> None:
    done = madang(tmp_path, "demo", "evaluate", "--persona", "culture_qa", "--limit", "4", "--json")
    assert done.returncode == 0, done.stderr
    rates = json.loads(done.stdout)
    assert sum(rate["asked"] for rate in rates) == 4
    assert all(0 <= rate["right"] <= rate["asked"] for rate in rates)


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_adapter_is_in_the_package(persona: str) -> None:
    setup = prepare("demo", {})
    assert persona in setup.settings.models["demo"].adapters
