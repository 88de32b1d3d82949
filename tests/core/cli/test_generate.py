"""`madang generate`, as somebody types it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from madang.cli import main

PROFILE = """\
persona = "qa_generator"
[models.pairs]
backend = "pairs"
[defaults]
model = "pairs"
form = "general"
[plugins]
dirs = ["plugins"]
"""
PAIRS = """\
import asyncio
import madang
from madang.testing import Answer, EchoBackend


class Pairs(EchoBackend):
    async def tick(self, number):
        if number > 50:
            await asyncio.Event().wait()

    def answer(self, request):
        number = len(self.answered)
        return Answer(f"[[Q]] {number}번째? [[A]] 답" + " 끝이 없다." * (number > 4) * 9)


@madang.hookimpl
def register_backends(register):
    register("pairs", Pairs)
"""
TEXT = "광합성은 식물이 빛을 이용해 양분을 만드는 과정이다. 이때 산소가 함께 나온다."
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a text and a profile, which is the default."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "pairs.py").write_text(PAIRS, "utf-8")
    (tmp_path / "pairs.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "글.txt").write_text(TEXT, "utf-8")
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADANG_PROFILE", str(tmp_path / "pairs.toml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_a_file_and_shows_how_far_it_is(home: Path, capsys: Said) -> None:
    assert main(["generate", "글.txt", "--samples", "3"]) == 0
    said = capsys.readouterr()
    assert said.out == "글.jsonl\n"
    assert "(asked 3/3, kept 3, passages 1)" in said.err
    rows = [json.loads(line) for line in (home / "글.jsonl").read_text("utf-8").splitlines()]
    assert [row["passage"] for row in rows] == [TEXT] * 3
    assert not list(home.glob(".*.part"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["없음.txt"], "없음.txt: cannot be read"),
        (["pairs.toml"], "pairs.toml: cannot be read"),
        (["글.txt", "--mode", "nix"], "no mode 'nix'"),
        (["글.txt", "--output", "nowhere/a.jsonl"], "cannot be written"),
        (["글.txt", "--output", "plugins"], "cannot be written"),
        (["글.txt", "--output", "글.txt"], "the document itself"),
    ],
)
def test_a_mistake_is_said_before_anything_is_asked(
    home: Path, given: list[str], words: str, capsys: Said
) -> None:
    assert main(["generate", *given]) == 2
    assert words in capsys.readouterr().err
    assert not list(home.glob("*.jsonl"))


def test_a_file_that_is_there_stays_unless_it_is_named(home: Path, capsys: Said) -> None:
    (home / "글.jsonl").write_text("mine", "utf-8")
    assert main(["generate", "글.txt"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (home / "글.jsonl").read_text("utf-8") == "mine"
    assert main(["generate", "글.txt", "--output", "글.jsonl"]) == 0
    assert "번째" in (home / "글.jsonl").read_text("utf-8")


@pytest.mark.parametrize("number", ["0", "21", "two"])
def test_numbers_out_of_range_are_refused(number: str, capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["generate", "글.txt", "--samples", number])
    assert stopped.value.code == 2
    assert "from 1 to 20" in capsys.readouterr().err


def test_an_interrupt_keeps_what_is_done(home: Path) -> None:
    command = [sys.executable, "-m", "madang.cli", "generate", "-", "--samples", "20"]
    # After four answers the backend waits for ever.
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(TEXT.encode())
        child.stdin.close()
        while b"asked 4/20" not in child.stderr.readline():
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        told = child.stderr.read().decode()
    assert child.returncode == 130
    assert "Stopped on the way (4/20)" in told
    assert len((home / "stdin.jsonl").read_bytes().splitlines()) == 4
