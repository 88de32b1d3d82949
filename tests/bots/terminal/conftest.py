"""A profile with two personas and a backend that tests can hold, and ways to talk to it."""

import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from tests.bots.terminal.talking import ME, Recorder, Talking
from tests.bots.terminal.world import build, chat_command

from madang.contract import Place
from madang.setup import prepare
from madang.yard import Yard, open_yard
from madang_terminal.talk import Talk


class Piping(Protocol):
    """Send lines through a pipe and return what comes out."""

    def __call__(
        self, *lines: str | bytes, arguments: Sequence[str] = ()
    ) -> "subprocess.CompletedProcess[str]":
        """Run the chat until it ends."""
        ...


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Write the profile, its personas and its backend."""
    return build(tmp_path)


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """Return the file whose appearance lets a held story go on."""
    return tmp_path / "gate"


@pytest.fixture
def environ(tmp_path: Path, gate: Path) -> Mapping[str, str]:
    """Return an environment that keeps everything in the test's folder."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MADANG")},
        "MADANG_HOME": str(tmp_path / "home"),
        "GATE": str(gate),
        "TERM": "xterm-256color",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "PYTHONUTF8": "1",
    }


@pytest.fixture
def piped(profile: Path, environ: Mapping[str, str], tmp_path: Path) -> Piping:
    """Return what sends lines through a pipe: `piped("question", "/command")`."""

    def send(
        *lines: str | bytes, arguments: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        whole = b"".join((x if isinstance(x, bytes) else x.encode()) + b"\n" for x in lines)
        ended = subprocess.run(
            chat_command(profile, *arguments),
            input=whole,
            capture_output=True,
            env=environ,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ended.stderr.decode()
        return subprocess.CompletedProcess(
            ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
        )

    return send


@pytest.fixture
async def yard(profile: Path, environ: Mapping[str, str]) -> AsyncIterator[Yard]:
    """Open the yard in this process."""
    async with open_yard(prepare(profile, environ), store=":memory:") as opened:
        yield opened


@pytest.fixture
async def talking(yard: Yard, gate: Path, monkeypatch: pytest.MonkeyPatch) -> Talking:
    """Return a talk at a recorder."""
    monkeypatch.setenv("GATE", str(gate))
    screen = Recorder()
    talk = Talk(yard=yard, place=Place("terminal/main"), author=ME, screen=screen)
    await talk.refresh()
    await yard.conversations.open("terminal", screen.deliver)
    return Talking(talk, screen)
