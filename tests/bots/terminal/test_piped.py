"""Through a pipe: answers on stdout, the rest on stderr."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.bots.terminal.conftest import Piping
from tests.bots.terminal.world import chat_command


def test_a_question_is_answered_on_stdout_and_nothing_else(piped: Piping) -> None:
    ended = piped("안녕?")
    assert (ended.returncode, ended.stdout) == (0, "parrot: 안녕?\n")
    assert "새의 말이에요." in ended.stderr


def test_lines_are_answered_one_by_one_commands_included(piped: Piping) -> None:
    ended = piped("하나", "", "/persona owl", "둘", "@앵무 셋", "//넷", "/뭐지", "/나가기", "다섯")
    assert ended.stdout.splitlines()[:2] == ["parrot: 하나", "owl: 둘"]
    assert "owl: /넷" in ended.stdout
    assert "다섯" not in ended.stdout
    assert "/뭐지" in ended.stderr
    assert ended.returncode == 0


def test_with_no_input_the_samples_of_every_persona_are_asked(piped: Piping) -> None:
    ended = piped()
    assert ended.stdout.splitlines() == ["owl: 밤이야?", "parrot: 뭐 해?", "parrot: 날씨가 좋아"]
    assert ended.returncode == 0


def test_with_no_input_and_a_persona_only_its_samples_are_asked(piped: Piping) -> None:
    assert piped("  ", arguments=["--persona", "owl"]).stdout == "owl: 밤이야?\n"


def test_a_problem_is_printed_in_place_of_the_answer(piped: Piping) -> None:
    ended = piped("고장", "안녕")
    assert ended.stdout.splitlines() == [
        "parrot: (모델을 불러오지 못했어요. 운영자는 `madang doctor`로 까닭을 볼 수 있어요.)",
        "parrot: 안녕",
    ]
    assert ended.returncode == 0


@pytest.mark.parametrize("line", ["고장", "가" * 500, b"\x01\x02"])
def test_the_status_is_1_when_nothing_could_be_answered(piped: Piping, line: str | bytes) -> None:
    ended = piped(line)
    assert ended.stdout.startswith("parrot: (")
    assert ended.returncode == 1


def test_bytes_that_are_no_text_are_replaced(piped: Piping) -> None:
    assert piped(b"\xef\xbb\xbfab\xff\xfec\r").stdout == "parrot: ab\ufffd\ufffdc\n"


def test_an_answer_cannot_command_the_terminal(piped: Piping) -> None:
    assert "\x1b" not in piped("\x1b[2J지움").stdout


def test_an_empty_answer_says_so(piped: Piping) -> None:
    assert piped("빈 답").stdout == "parrot: (빈 답이에요)\n"


def test_the_last_line_needs_no_line_end(profile: Path, environ: Mapping[str, str]) -> None:
    ended = subprocess.run(
        chat_command(profile), input="끝".encode(), capture_output=True, env=environ, check=True
    )
    assert ended.stdout.decode() == "parrot: 끝\n"


def test_nothing_is_kept_unless_the_conversation_has_a_name(piped: Piping) -> None:
    piped("잊어 줘")
    assert "아직 나눈 이야기가 없어요." in piped("/history").stderr
    piped("기억해 줘", arguments=["--conversation", "일기"])
    assert "기억해 줘" in piped("/history", arguments=["--conversation", "일기"]).stderr
    anew = piped("/history", arguments=["--conversation", "일기", "--new"])
    assert "기억해 줘" not in anew.stderr


def test_an_answer_comes_while_the_pipe_stays_open(
    profile: Path, environ: Mapping[str, str]
) -> None:
    with subprocess.Popen(
        chat_command(profile),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
        encoding="utf-8",
    ) as chat:
        assert chat.stdin and chat.stdout
        for word in ("하나", "둘"):
            chat.stdin.write(f"{word}\n")
            chat.stdin.flush()
            assert word in chat.stdout.readline()
        chat.stdin.write("/quit\n")
        chat.stdin.flush()
        assert chat.wait(30) == 0


def test_a_reader_that_goes_away_ends_it_quietly(profile: Path, environ: Mapping[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        chat_command(profile),
        input="하나\n둘\n".encode(),
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environ,
        check=False,
    )
    os.close(writing)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr and b"BrokenPipe" not in ended.stderr


def test_a_closed_stdin_counts_as_no_input(profile: Path, environ: Mapping[str, str]) -> None:
    shell = ["sh", "-c", 'exec "$0" "$@" <&-', *chat_command(profile)]
    ended = subprocess.run(shell, capture_output=True, env=environ, check=False)
    assert "owl: 밤이야?" in ended.stdout.decode()
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--persona", "parot"], "parrot"), (["--conversation", "a/b"], "--conversation")],
)
def test_a_wrong_option_is_named(piped: Piping, arguments: list[str], words: str) -> None:
    ended = piped("안녕", arguments=arguments)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_an_interrupt_ends_it_without_a_traceback(
    profile: Path, environ: Mapping[str, str]
) -> None:
    with subprocess.Popen(
        chat_command(profile),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        encoding="utf-8",
    ) as chat:
        assert chat.stdin and chat.stderr
        chat.stdin.write("이야기\n")
        chat.stdin.flush()
        while "> 이야기" not in chat.stderr.readline():
            continue
        chat.send_signal(signal.SIGINT)
        assert chat.wait(30) == 130
        assert "Traceback" not in chat.stderr.read()
