"""Workers as processes of their own: started, killed, stopped for a while and told to leave."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.standins.redis_server import Server, find_server, running

from madang.cli import main
from madang.contract import End, Piece, TurnState
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, open_chat

LEASE = 1.0
PROFILE = """\
persona = "assistant"
[models.slow]
backend = "gated"
[models.other]
backend = "echo"
[defaults]
model = "slow"
form = "general"
[plugins]
dirs = ["plugins"]
[queue]
kind = "redis"
url = "{url}"
lease_seconds = 1
"""
GATED = """\
import asyncio
import os
from pathlib import Path

import madang
from madang.testing import EchoBackend


class Gated(EchoBackend):
    '''Echo as far as the second character, and on once the gate, which is a file, is there.'''

    async def tick(self, number):
        while number > 2 and not Path(os.environ["GATE"]).exists():
            await asyncio.sleep(0.005)


@madang.hookimpl
def register_backends(register):
    register("gated", Gated)
"""
TALK = """
import asyncio, sys
from pathlib import Path
from madang.testing import open_chat

async def main():
    async with open_chat(Path(sys.argv[1]), store=sys.argv[2]) as chat:
        await chat.conversations.say(chat.place, chat.author, "안녕하세요")
        reply = await chat.reply(1)
        async for update in reply.updates():
            print(update.text, flush=True)

asyncio.run(main())
"""
COMMAND = [sys.executable, "-c", "import sys; from madang.cli import main; sys.exit(main())"]

StartWorker = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module", params=["redis", "valkey"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run a server of each kind."""
    binary = find_server(request.param)
    if binary is None:
        pytest.skip(f"there is no {request.param} server here")
    with running(binary, tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def profile(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a profile with a backend that waits at the gate."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "gated.py").write_text(GATED, "utf-8")
    monkeypatch.setenv("GATE", str(tmp_path / "gate"))
    monkeypatch.setenv("MADANG_HOME", str(tmp_path))
    path = tmp_path / "fleet.toml"
    path.write_text(PROFILE.format(url=f"{server.url}"), "utf-8")
    with path.open("a", encoding="utf-8") as more:
        more.write(f'namespace = "{tmp_path.name}"\n')
    return path


@pytest.fixture
def start(profile: Path) -> Iterator[StartWorker]:
    """Return what starts a worker and waits until it serves; all are killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def worker(*options: str) -> subprocess.Popen[str]:
        command = [*COMMAND, "worker", "--profile", str(profile), *options]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        started.append(process)
        for line in process.stderr or ():
            if " serves " in line:
                return process
        raise AssertionError(f"The worker stopped: {process.wait()}")

    yield worker
    for process in started:
        process.kill()
        process.communicate()


async def next_piece(queue: RedisQueue, request: str) -> Piece:
    async for event in queue.events(request):
        if isinstance(event, Piece):
            return event
    raise AssertionError("no piece came")


async def asked(server: Server, profile: Path) -> RedisQueue:
    """Ask for an answer that waits at the gate, and return the asking bot's queue."""
    terms = Terms(namespace=profile.parent.name, lease=LEASE)
    queue = RedisQueue(server.url, terms=terms, bot="test")
    request = a_request("안녕하세요", id="one", model="slow")
    assert (await queue.submit(request)).admission == "ok"
    assert (await next_piece(queue, "one")).text in "안녕"
    return queue


async def the_end(queue: RedisQueue) -> End:
    events = [event async for event in queue.events("one")]
    assert isinstance(events[-1], End)
    await queue.close()
    return events[-1]


def open_gate() -> None:
    Path(os.environ["GATE"]).touch()


async def test_a_killed_worker_is_replaced_within_its_lease_and_a_second(
    server: Server, profile: Path, start: StartWorker
) -> None:
    first = start()
    queue = await asked(server, profile)
    start()
    first.kill()
    killed = time.monotonic()
    open_gate()
    end = await the_end(queue)
    assert time.monotonic() - killed < LEASE + 1
    assert (end.text, end.reason) == ("안녕하세요", "stop")


async def test_a_worker_that_was_stopped_past_its_lease_ends_nothing(
    server: Server, profile: Path, start: StartWorker
) -> None:
    first = start()
    queue = await asked(server, profile)
    first.send_signal(signal.SIGSTOP)
    start()
    open_gate()
    end = await the_end(queue)
    assert (end.text, end.attempt) == ("안녕하세요", 2)
    first.send_signal(signal.SIGCONT)
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0


async def test_a_worker_that_is_told_to_leave_finishes_what_runs(
    server: Server, profile: Path, start: StartWorker
) -> None:
    worker = start()
    queue = await asked(server, profile)
    worker.terminate()
    for line in worker.stderr or ():
        if "draining" in line:
            break
    open_gate()
    assert (await the_end(queue)).attempt == 1
    assert worker.wait(10) == 0


async def test_what_does_not_end_in_time_is_given_back_at_once(
    server: Server, profile: Path, start: StartWorker
) -> None:
    worker = start("--drain", "0.1")
    queue = await asked(server, profile)
    worker.terminate()
    assert worker.wait(5) == 0
    open_gate()
    start()
    end = await the_end(queue)
    assert (end.text, end.attempt) == ("안녕하세요", 2)


async def test_a_chat_is_answered_by_another_process(profile: Path, start: StartWorker) -> None:
    open_gate()
    async with open_chat(profile) as chat:
        refused = await chat.ask("아무도 없어요?")
        assert refused.problem is not None
        assert refused.problem.code == "worker_lost"
        start("--model", "slow", "--name", "here")
        assert (await chat.ask("안녕하세요")).text == "안녕하세요"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('kind = "local"', "a worker of its own needs"),
        ('kind = "rabbit"', "a worker of its own needs"),
        ('kind = "redis"', "say where the server is"),
        ('kind = "redis"\nurl = "redis://h"\nurl_env = "X"', "url and url_env say the same"),
        ('kind = "redis"\nurl_env = "NOT_SET"', "NOT_SET is not set"),
        ('kind = "redis"\nurl_file = "nowhere"', "nowhere cannot be read"),
        ('kind = "redis"\nurl = "http://here"', "no address of a queue"),
        ('kind = "redis"\nurl = "redis://127.0.0.1:1"', "cannot be reached"),
    ],
)
def test_wrong_settings_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, what: str
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(f'[models.echo]\nbackend = "echo"\n[queue]\n{more}\n', "utf-8")
    assert main(["worker", "--profile", str(path)]) == 2
    assert what in capsys.readouterr().err


def test_an_unknown_model_is_named(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--profile", str(profile), "--model", "slwo"]) == 2
    assert "Did you mean 'slow'?" in capsys.readouterr().err


async def test_a_bot_that_starts_again_gets_the_answer_that_went_on_without_it(
    profile: Path, start: StartWorker, tmp_path: Path
) -> None:
    start("--model", "slow")
    store = str(tmp_path / "talk.db")
    _talk_until_killed(profile, store)
    open_gate()
    async with open_chat(profile, store=store) as chat:
        await chat.conversations.settled()
        assert await chat.shown() == ["안녕하세요", "안녕하세요"]
        assert (await chat.reply(1)).latest.state is TurnState.COMPLETE


def _talk_until_killed(profile: Path, store: str) -> None:
    command = [sys.executable, "-c", TALK, str(profile), store]
    bot = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in bot.stdout or ():
        if line.strip() == "안녕":
            break
    bot.kill()
    bot.communicate()
