"""`madang status`, as somebody types it."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rich.cells import cell_len
from tests.core.cli.conftest import PROFILE, Fleet, Join
from tests.standins.redis_server import find_server, free_port, running

from madang.cli import main
from madang.contract import Metrics
from madang.queue.redis import Terms
from madang.queue.redis.address import Address
from madang.queue.redis.link import Link
from madang.queue.redis.survey import give_report
from madang.testing import a_request, take_one
from madang.worker.report import ModelReport, WorkerReport, write_report

Said = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-c", "import sys; from madang.cli import main; sys.exit(main())"]
LIGHT = """
import sys
from madang.cli import main
main(sys.argv[1:])
sys.exit(any(name in sys.modules for name in ("torch", "transformers")))
"""
BUSY = Metrics(
    tokens_per_second=812.3,
    first_token_seconds=0.213,
    mean_batch=7.4,
    prompt_tokens=39,
    cached_tokens=61,
    output_tokens=5,
)


def a_report(worker: str, *, draining: bool = False) -> bytes:
    """Make the report of a worker with one model that is loaded and one that is not."""
    models = (
        ModelReport(models=("은어", "culture"), loaded=True, slots=16, running=3, metrics=BUSY),
        ModelReport(models=("other",), loaded=False, slots=4, running=0, metrics=Metrics()),
    )
    return write_report(
        WorkerReport(
            worker=worker,
            host="서버-1",
            version="0.9",
            started=time.time() - 7300,
            draining=draining,
            models=models,
        )
    )


def report(fleet: Fleet, worker: str, data: bytes, *, silent: float = 0.0) -> None:
    """Leave a worker's report, as if it had been given some seconds ago."""

    async def give() -> None:
        link = Link(Address(fleet.server.url), Terms(namespace=fleet.namespace))
        await give_report(link, worker, data)
        await link.close()

    asyncio.run(give())
    with Redis.from_url(fleet.server.url) as client:
        name = f"{Terms(namespace=fleet.namespace).prefix}workers"
        client.zincrby(name, -1000 * silent, worker)


def shown(fleet: Fleet, capsys: Said) -> list[str]:
    capsys.readouterr()
    assert main(["status", "--once", "--profile", fleet.profile]) == 0
    text = capsys.readouterr().out
    assert "secret" not in text
    assert "\x1b" not in text
    return text.splitlines()


def told(fleet: Fleet, capsys: Said) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["status", "--json", "--profile", fleet.profile]) == 0
    text = capsys.readouterr().out
    assert "secret" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_an_empty_deployment_says_what_to_do(fleet: Fleet, capsys: Said) -> None:
    lines = shown(fleet, capsys)
    assert lines[0].startswith(f"fleet, namespace {fleet.namespace}, ")
    assert lines[1].strip() == "0 workers · 0 of 0 slots taken · 0 tokens/s · 0 waiting"
    assert f"at redis://127.0.0.1:{fleet.server.port} · up " in lines[2]
    assert lines[3].strip() == "! no worker takes requests: start one with `madang worker`"
    assert len(lines) == 4


def test_workers_models_and_queues_are_shown_in_line(fleet: Fleet, capsys: Said) -> None:
    async def act(join: Join) -> None:
        bot = join("bot")
        for user in "abc":
            await bot.submit(a_request(user=user))
        await bot.submit(a_request(model="은어", request_class="bulk"))
        await join().take("일꾼", ["echo"], 1)

    asyncio.run(fleet.act(act))
    report(fleet, "일꾼", a_report("일꾼"))
    lines = shown(fleet, capsys)
    assert lines[1].strip() == "1 worker · 3 of 20 slots taken · 812 tokens/s · 3 waiting"
    assert lines[3].strip() == "! 1 request waits for '은어', which no worker serves"
    models, workers, backends = "\n".join(lines[5:]).split("\n\n")
    assert [[*row[:5], *row[6:]] for row in _cells(models)[1:]] == [
        ["echo", "2", "0", "0", "0", "s", "1", "1"],
        ["은어", "0", "0", "1", "0", "s", "0", "0"],
    ]
    _, (name, state, host, version, *up, _, _, _, running) = _cells(workers)
    assert (name, state, host, version) == ("일꾼", "works", "서버-1", "0.9")
    assert (" ".join(up), running) == ("2 h 01 min", "1")
    assert _cells(backends)[1:] == [
        ["일꾼", "은어,", "culture", "yes", "3/16", "812", "0.21", "s", "7.4", "61%"],
        ["일꾼", "other", "no", "0/4", "-", "-", "-", "-"],
    ]
    for table in (models, workers, backends):
        assert len({cell_len(line) for line in table.splitlines()}) == 1


def test_json_tells_the_same(fleet: Fleet, capsys: Said) -> None:
    async def act(join: Join) -> None:
        await join("bot").submit(a_request())
        await take_one(join())

    asyncio.run(fleet.act(act))
    report(fleet, "worker", a_report("worker"))
    found = told(fleet, capsys)
    assert (found["profile"], found["namespace"]) == ("fleet", fleet.namespace)
    assert found["server"]["kind"] in ("Redis", "Valkey")
    (model,) = found["models"]
    assert (model["model"], model["running"], model["workers"]) == ("echo", 1, 1)
    assert model["waiting"] == {"interactive": 0, "background": 0, "bulk": 0, "alone": 0}
    (worker,) = found["workers"]
    assert (worker["name"], worker["state"], worker["running"]) == ("worker", "works", 1)
    assert worker["report"]["models"][0]["metrics"]["tokens_per_second"] == 812.3
    assert (found["problems"], found["dead"]) == ([], 0)


def test_a_worker_that_fell_silent_is_told_from_one_that_left(fleet: Fleet, capsys: Said) -> None:
    report(fleet, "alive", a_report("alive"))
    report(fleet, "crashed", a_report("crashed"), silent=75)
    report(fleet, "gone home", a_report("gone home", draining=True), silent=75)
    report(fleet, "leaving", a_report("leaving", draining=True))
    states = {row["name"]: row["state"] for row in told(fleet, capsys)["workers"]}
    assert states == {
        "alive": "works",
        "crashed": "silent",
        "gone home": "left",
        "leaving": "drains",
    }
    text = "\n".join(shown(fleet, capsys))
    assert "! worker 'crashed' has been silent for 1 min 15 s" in text
    assert "gone home" not in text


def test_a_report_of_another_version_is_unreadable_and_harmless(fleet: Fleet, capsys: Said) -> None:
    report(fleet, "newer\x1b[2J", b"\x81\xa6newer\x01")
    (row,) = told(fleet, capsys)["workers"]
    assert (row["readable"], row["report"]) == (False, None)
    text = "\n".join(shown(fleet, capsys))
    assert "! worker 'newer�[2J' reports what cannot be read" in text
    assert "unreadable" in text


def test_dead_letters_and_a_forgetful_server_are_problems(fleet: Fleet, capsys: Said) -> None:
    async def act(join: Join) -> None:
        await join("bot").submit(a_request())
        await take_one(join())
        await join().take("worker", ["echo"], 0)

    asyncio.run(fleet.act(act))
    with Redis.from_url(fleet.server.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            letters, forgets = told(fleet, capsys)["problems"]
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert letters.startswith("1 dead letter, the last one 0.")
    assert letters.endswith("ago: see `madang dead list`")
    assert forgets.startswith("the server drops keys when its memory is full")


@pytest.mark.parametrize(
    ("queue", "what"),
    [
        ("", "a local queue lives inside its bot's process"),
        ('[queue]\nkind = "redis"\nurl = "redis://:secret@127.0.0.1:{port}"', "cannot be reached"),
        ('[queue]\nkind = "redis"', "say where the server is"),
    ],
)
def test_where_there_is_nothing_to_see_it_is_said(
    tmp_path: Path, capsys: Said, queue: str, what: str
) -> None:
    path = tmp_path / "fleet.toml"
    queue = queue.format(port=free_port())
    path.write_text(f'[models.echo]\nbackend = "echo"\n{queue}\n', "utf-8")
    assert main(["status", "--profile", str(path)]) == 2
    error = capsys.readouterr().err
    assert what in error
    assert "secret" not in error


def test_looking_loads_no_model(fleet: Fleet) -> None:
    for words in (["status", "--once"], ["dead", "list"]):
        command = [sys.executable, "-c", LIGHT, *words, "--profile", fleet.profile]
        assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0


def test_a_worker_tells_of_itself_until_it_leaves(fleet: Fleet, capsys: Said) -> None:
    command = [*COMMAND, "worker", "--name", "gpu-1", "--profile", fleet.profile]
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        found = told(fleet, capsys)
        while not found["workers"] or found["workers"][0]["report"] is None:
            assert worker.poll() is None
            found = told(fleet, capsys)
        (row,) = found["workers"]
        assert (row["name"], row["state"], row["offers"]) == ("gpu-1", "works", ["echo"])
        assert row["report"]["models"][0]["slots"] == 4
        assert found["problems"] == []
    finally:
        worker.terminate()
        assert worker.wait(10) == 0
    (row,) = told(fleet, capsys)["workers"]
    assert (row["state"], row["report"]["draining"]) == ("drains", True)


@contextmanager
def watching(profile: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the live table on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "status", "--profile", str(profile)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(screen: int, what: str) -> str:
    """Read a terminal until it shows something anew."""
    text = ""
    while what not in text:
        text += os.read(screen, 65536).decode("utf-8", "replace")
    return text


def test_a_terminal_shows_it_live_while_the_server_comes_and_goes(tmp_path: Path) -> None:
    binary = find_server("valkey") or find_server("redis")
    if binary is None:
        pytest.skip("there is no server here")
    path = tmp_path / "fleet.toml"
    with running(binary, tmp_path) as server:
        path.write_text(PROFILE.format(url=server.url, namespace="live"), "utf-8")
        with watching(path) as (process, screen):
            read_until(screen, "0 waiting")
            read_until(screen, "0 waiting")
            server.kill()
            read_until(screen, " s old: ")
            server.start()
            with Redis.from_url(server.url) as client:
                client.sadd(f"{Terms(namespace='live').prefix}models", "돌아온")
            text = read_until(screen, "돌아온")
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0
            assert "Traceback" not in text


def _cells(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines()]
