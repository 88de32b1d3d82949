"""The bot as the command runs it, in this process."""

import argparse
import getpass
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from madang.contract import Place
from madang.yard import Yard
from madang_terminal import TerminalBot
from madang_terminal.bot import author_called

Said = pytest.CaptureFixture[str]
Pipe = Callable[[str], None]


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    """Return what puts a text on stdin."""
    with ExitStack() as files:

        def put(text: str) -> None:
            path = tmp_path / "stdin"
            path.write_text(text, "utf-8")
            monkeypatch.setattr(sys, "stdin", files.enter_context(path.open(encoding="utf-8")))

        yield put


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    TerminalBot().arguments(parser)
    return parser.parse_args(arguments)


async def test_it_answers_what_is_on_stdin(yard: Yard, pipe: Pipe, capsys: Said) -> None:
    pipe("/persona\n/history\n하나\n/retry\n/history\n/edit\n고장\n길이")
    assert await TerminalBot().run(yard, options("--persona", "owl")) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[:2] == ["owl: 하나", "owl: 하나"]
    assert "owl: (" in said.out
    assert "올빼미 (owl)" in said.err
    assert "나눈 이야기가 없어요" in said.err


async def test_it_walks_the_samples_where_nothing_is_on_stdin(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert await TerminalBot().run(yard, options()) == 0
    assert capsys.readouterr().out.count("\n") == 3


async def test_a_conversation_of_a_name_goes_on_until_it_is_begun_anew(
    yard: Yard, pipe: Pipe, capsys: Said
) -> None:
    place = Place("terminal/일기")
    for arguments, count in ((), 2), ((), 4), (("--new",), 2):
        pipe("하나\n")
        await TerminalBot().run(yard, options("--conversation", "일기", *arguments))
        assert len(await yard.conversations.history(place)) == count


async def test_walking_the_samples_leaves_a_conversation_alone(
    yard: Yard, pipe: Pipe, capsys: Said
) -> None:
    for text in ("하나\n", ""):
        pipe(text)
        assert await TerminalBot().run(yard, options("--conversation", "일기")) == 0
    turns = await yard.conversations.history(Place("terminal/일기"))
    assert [turn.shown for turn in turns] == ["하나", "하나"]


async def test_a_text_that_is_too_long_ends_in_status_1(
    yard: Yard, pipe: Pipe, capsys: Said
) -> None:
    pipe("가" * 500)
    assert await TerminalBot().run(yard, options()) == 1
    assert capsys.readouterr().out.startswith("parrot: (")


def test_a_person_is_known_by_the_login_and_called_by_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "minji")
    assert (author_called("").id, author_called("").name) == ("terminal:minji", "minji")
    assert (author_called(" 민지 ").id, author_called(" 민지 ").name) == ("terminal:minji", "민지")


def test_a_user_without_a_login_is_me(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert author_called("").name == "나"


@pytest.mark.parametrize("name", ["", "a/b", "a\x1b"])
def test_a_conversation_name_must_fit_a_place(name: str, capsys: Said) -> None:
    with pytest.raises(SystemExit):
        options("--conversation", name)
    assert "--conversation" in capsys.readouterr().err


def test_importing_the_bot_brings_no_library_for_terminals() -> None:
    heavy = {"prompt_toolkit", "rich", "torch"}
    code = f"import sys, madang_terminal; sys.exit(str(sorted({heavy} & set(sys.modules))) != '[]')"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
