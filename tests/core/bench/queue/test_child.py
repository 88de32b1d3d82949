"""The processes of the bench: what they died of is told, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Iterator

import pytest

from madang.bench.queue.child import Child
from madang.bench.queue.messages import Job, Order, Reply, Role, read, write
from madang.bench.queue.server import serving
from madang.errors import MissingPackage, QueueError

PATIENCE = 10


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as found:
        yield found


def job(url: str, role: Role = "bot") -> Job:
    return Job(role=role, url=url, namespace=uuid.uuid4().hex, in_flight=2)


def is_gone(group: int) -> bool:
    """Wait until a group of processes has nobody left."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("how", (signal.SIGINT, signal.SIGTERM))
def test_being_told_to_end_leaves_no_process_behind(how: signal.Signals) -> None:
    arguments = ["bench", "queue", "--rounds", "1000", "--seconds", "0.05", "--peers", "none"]
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
        # Ctrl-C reaches every process of a terminal, and `kill` only the one that is named.
        (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
        process.wait(PATIENCE)
    assert process.returncode == 130
    assert is_gone(process.pid)


def test_a_worker_ends_with_its_parent(url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "madang.bench.queue.process", "madang"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        pytest.fail("no pipes")
    with process:
        process.stdin.write(write(job(url, "worker")))
        process.stdin.flush()
        assert "redis" in read(process.stdout.readline(), Reply).versions
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_what_a_process_failed_of_is_told(url: str) -> None:
    with pytest.raises(QueueError, match=r"the bot of candidate 'madang' failed: .*no address"):
        Child("madang", job("nowhere")).__enter__()


def test_what_a_process_died_of_is_told(url: str) -> None:
    with Child("madang", job(url)) as bot, pytest.raises(QueueError, match="KeyError: 'dance'"):
        bot.ask(Order(what="dance"))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return an interpreter with the standard library and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return str(folder / "bin" / "python")


@pytest.mark.parametrize(
    ("peer", "missing"),
    [("saq", "saq"), ("taskiq", "taskiq_redis"), ("dramatiq", "dramatiq"), ("rq", "redis")],
)
def test_another_interpreter_needs_nothing_that_madang_needs(
    peer: str, missing: str, url: str, bare_python: str
) -> None:
    with pytest.raises(MissingPackage, match=f"{missing} is not installed for {bare_python}"):
        Child(peer, job(url), bare_python).__enter__()
