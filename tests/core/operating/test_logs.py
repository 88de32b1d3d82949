"""The log: where it goes, what a line holds, and what it never holds."""

import json
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from tests.core.operating.conftest import SetupMaker

from madang.contract import Author, Place
from madang.conversation import Reply
from madang.errors import QueueUnreachable, SettingsError
from madang.marks import marked
from madang.operating import logged
from madang.yard import open_yard

JSON = '[logs]\nformat = "json"\nfile = "logs/madang.log"\nlevel = "{}"\n'
log = logging.getLogger("madang.test")


def lines(folder: Path) -> list[dict[str, Any]]:
    """Read a log of JSON line by line."""
    text = (folder / "logs" / "madang.log").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_is_an_object_that_says_what_it_is_about(
    a_setup: SetupMaker, tmp_path: Path
) -> None:
    with logged(a_setup(JSON.format("info"))):
        with marked(request="one", attempt=1):
            log.info("안녕, %s", "세상")
        log.debug("nothing")
    [line] = lines(tmp_path)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "madang.test",
        "message": "안녕, 세상",
        "request": "one",
        "attempt": 1,
    }
    assert "안녕" in (tmp_path / "logs" / "madang.log").read_text("utf-8")


def test_an_exception_is_text_without_secrets(a_setup: SetupMaker, tmp_path: Path) -> None:
    with logged(a_setup(JSON.format("error"))):
        try:
            raise ConnectionError("redis://someone:secret@host")
        except ConnectionError:
            log.exception("cannot reach %s", "redis://someone:secret@host")
    [line] = lines(tmp_path)
    assert line["message"] == "cannot reach redis://***@host"
    assert "Traceback" in line["exception"] and "redis://***@host" in line["exception"]
    assert "secret" not in json.dumps(line["message"])


def test_half_a_character_is_no_reason_to_lose_a_line(
    a_setup: SetupMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])  # those of pytest cannot pass it on
    with logged(a_setup(JSON.format("info"))):
        log.info("half \ud83d of it")
    assert lines(tmp_path)[0]["message"] == "half ? of it"


def test_text_is_for_people_and_has_the_request(
    a_setup: SetupMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    with logged(a_setup()), marked(request="one"):
        log.warning("slow: %s", "redis://someone:secret@host")
    with logged(a_setup()), marked(turn="two"):
        log.info("done")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("WARNING [one] slow: redis://***@host")
    assert second.endswith("INFO [two] done")


def test_others_talk_less_and_warnings_of_python_are_logged(
    a_setup: SetupMaker, tmp_path: Path
) -> None:
    with logged(a_setup(JSON.format("debug"))):
        logging.getLogger("httpx").info("GET")
        logging.getLogger("urllib3").warning("careful")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(True)
            warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [line["logger"] for line in lines(tmp_path)] == ["urllib3", "py.warnings"]


def test_everything_is_as_before_afterwards(a_setup: SetupMaker) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers), logging.getLogger("httpx").level
    with logged(a_setup(JSON.format("debug"))):
        assert root.level == logging.DEBUG
    assert (root.level, list(root.handlers), logging.getLogger("httpx").level) == before


def test_what_ends_the_process_is_logged_too(a_setup: SetupMaker, tmp_path: Path) -> None:
    with pytest.raises(QueueUnreachable), logged(a_setup(JSON.format("info"))):
        raise QueueUnreachable("It is away.", "Start it.")
    with pytest.raises(ZeroDivisionError), logged(a_setup(JSON.format("info"))):
        raise ZeroDivisionError
    expected, bug = lines(tmp_path)
    assert expected["message"] == "stopped: It is away.\n  Start it."
    assert (expected["level"], "exception" in expected) == ("critical", False)
    assert "ZeroDivisionError" in bug["exception"]


def test_a_talk_keeps_its_screen_unless_there_is_a_file(
    a_setup: SetupMaker, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with logged(a_setup(), screen=False):
        logging.getLogger("madang.worker").warning("Request 'one' failed")
    assert capsys.readouterr().err == ""
    with logged(a_setup(JSON.format("info")), screen=False):
        logging.getLogger("madang.worker").warning("Request 'one' failed")
    assert capsys.readouterr().err == ""
    assert len(lines(tmp_path)) == 1


async def test_a_bot_s_line_says_which_answer_it_is_about(
    a_setup: SetupMaker, tmp_path: Path
) -> None:
    async def deliver(reply: Reply) -> None:
        raise ConnectionError("the platform is away")

    setup = a_setup(JSON.format("warning"))
    with logged(setup):
        async with open_yard(setup, store=":memory:") as yard:
            await yard.conversations.open("test", deliver)
            said = await yard.conversations.say(Place("test/1"), Author("test:1", "나"), "안녕?")
            await yard.conversations.settled()
            answer = (await yard.conversations.history(Place("test/1")))[-1]
    [line] = lines(tmp_path)
    about = {name: line[name] for name in ("bot", "conversation", "turn", "model")}
    assert about == {
        "bot": "test",
        "conversation": said.conversation,
        "turn": answer.id,
        "model": "echo",
    }
    assert "the platform is away" in line["exception"]


def test_chatting_logs_to_a_file_only(a_setup: SetupMaker, tmp_path: Path) -> None:
    profile = a_setup(JSON.format("debug")).live.loaded.path
    code = "import sys; from madang.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "chat", "--profile", str(profile)],
        input="안녕?\n",
        env={**os.environ, "MADANG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "안녕?" in done.stdout
    assert "answered for" not in done.stderr
    [answered] = [line for line in lines(tmp_path) if "answered for" in line["message"]]
    assert answered["model"] == "echo"


def test_a_file_that_cannot_be_written_is_named(a_setup: SetupMaker, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "madang.log").mkdir()
    with (
        pytest.raises(SettingsError, match=r"my\.toml: logs\.file: .* cannot be written"),
        logged(a_setup(JSON.format("info"))),
    ):
        pass
