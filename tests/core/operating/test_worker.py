"""A worker of its own that is watched: over HTTP, by its log, and while its queue is away."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.core.operating.asking import asked, asked_json, key, samples
from tests.standins.redis_server import Server, find_server, running

from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, end_of

PROFILE = """\
[models.echo]
backend = "echo"
[models.other]
backend = "failing"
[defaults]
model = "echo"
[plugins]
dirs = ["plugins"]
[queue]
kind = "redis"
url = "{url}"
[operations]
listen = "127.0.0.1:0"
[logs]
format = "json"
level = "debug"
"""
FAILING = """\
import madang
from madang.errors import ModelError
from madang.testing import EchoBackend


class Failing(EchoBackend):
    def answer(self, request):
        raise ModelError("토큰이 없어요: redis://someone:secret@host")


@madang.hookimpl
def register_backends(register):
    register("failing", Failing)
"""
COMMAND = [sys.executable, "-c", "import sys; from madang.cli import main; sys.exit(main())"]


class WatchedWorker:
    """Run a worker and read its log, one object a line."""

    def __init__(self, profile: Path) -> None:
        command = [*COMMAND, "worker", "--profile", str(profile), "--name", "here"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines: list[dict[str, Any]] = []
        self.url = ""
        for line in self.read_until(" serves "):
            if found := re.search(r"http://\S+", line["message"]):
                self.url = found[0]

    def read_until(self, words: str) -> list[dict[str, Any]]:
        """Read lines up to one with these words, and return them."""
        begun = len(self.lines)
        for line in self.process.stderr or ():
            self.lines.append(json.loads(line))
            if words in self.lines[-1]["message"]:
                return self.lines[begun:]
        raise AssertionError(f"The worker stopped: {self.process.wait()}, {self.lines}")

    def kill(self) -> None:
        """Make sure that it is gone."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run any server that there is."""
    binary = find_server("valkey") or find_server("redis")
    if binary is None:
        pytest.skip("there is no server here")
    with running(binary, tmp_path) as server:
        yield server


@pytest.fixture
def worker(server: Server, tmp_path: Path) -> Iterator[WatchedWorker]:
    """Run a worker that is watched."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "failing.py").write_text(FAILING, "utf-8")
    profile = tmp_path / "fleet.toml"
    profile.write_text(PROFILE.format(url=server.url), "utf-8")
    worker = WatchedWorker(profile)
    yield worker
    worker.kill()


async def test_a_worker_tells_what_it_does(server: Server, worker: WatchedWorker) -> None:
    assert asked_json(worker.url, "/healthz") == (200, {"status": "ok"})
    assert asked_json(worker.url, "/readyz") == (200, {"status": "ready"})
    queue = RedisQueue(server.url, terms=Terms(), bot="test")
    good = await end_of(queue, a_request("안녕", id="good", model="echo"))
    bad = await end_of(queue, a_request("안녕", id="bad", model="other"))
    await queue.close()
    assert (good.reason, bad.reason) == ("stop", "error")
    lines = worker.read_until("answered for") + worker.read_until("answered for")
    found = samples(worker.url)
    assert found[key("madang_worker_answers_total", "echo", "interactive", "stop")] == 1
    assert found[key("madang_worker_answers_total", "other", "interactive", "error")] == 1
    assert found[key("madang_worker_answer_seconds_count", "echo", "interactive")] == 1
    assert found[key("madang_model_loaded", "echo")] == 1
    assert found[key("madang_model_slots", "echo")] == 4
    assert found[key("madang_queue_up")] == found[key("madang_worker_draining")] + 1 == 1
    [failed] = [line for line in lines if line["level"] == "warning"]
    assert failed["request"] == "bad" and failed["model"] == "other" and failed["worker"] == "here"
    assert failed["attempt"] == 1 and failed["conversation"] == "conversation-of-bad"
    assert "토큰이 없어요: redis://***@host" in failed["message"]


def test_readiness_follows_the_queue(server: Server, worker: WatchedWorker) -> None:
    server.kill()
    status, body = asked_json(worker.url, "/readyz")
    assert status == 503 and "cannot be reached" in body["problems"]["queue"]
    assert samples(worker.url)[key("madang_queue_up")] == 0
    assert asked(worker.url, "/healthz")[0] == 200
    server.start()
    assert asked_json(worker.url, "/readyz") == (200, {"status": "ready"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_with_the_process(
    server: Server, worker: WatchedWorker, number: signal.Signals
) -> None:
    queue = RedisQueue(server.url, terms=Terms(), bot="test")
    await end_of(queue, a_request(model="echo"))
    await queue.close()
    worker.process.send_signal(number)
    worker.read_until("has stopped")
    assert worker.process.wait(10) == 0
    with pytest.raises(ConnectionRefusedError):
        asked(worker.url, "/healthz")
