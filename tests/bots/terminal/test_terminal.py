"""In a real pseudo-terminal: Korean input, typing while an answer grows, Ctrl-C and leaving."""

from collections.abc import Mapping
from pathlib import Path

from tests.bots.terminal.conftest import Piping
from tests.bots.terminal.console import console
from tests.bots.terminal.world import chat_command

IDLE, BUSY = "/help 도움말 ·", "Ctrl-C 멈춤"


def test_a_talk_in_korean(profile: Path, environ: Mapping[str, str]) -> None:
    with console(chat_command(profile, "--name", "민지"), environ) as chat:
        assert "되풀이하는 모델" in chat.shows("올빼미")
        chat.shows("안녕! 따라 할게.")
        chat.shows("민지 ›")
        chat.types("만나서 반가워요")
        # Backspace takes one whole syllable.
        chat.types("\x7f\x7f\r")
        chat.shows("민지 › 만나서 반가\n")
        chat.shows("앵무새\n만나서 반가")
        chat.shows("※ 새의 말이에요.")
        chat.types("/뭐야\r")
        chat.shows("/뭐야 는 없는 명령이에요")
        chat.types("\x04")
        assert chat.ends() == 0


def test_ctrl_c_stops_the_answer_and_twice_leaves(
    profile: Path, environ: Mapping[str, str]
) -> None:
    with console(chat_command(profile), environ) as chat:
        chat.shows(IDLE)
        chat.types("이야기\r")
        chat.shows("옛날 옛적에")
        chat.types("\x03")
        chat.shows("(멈췄어요)")
        chat.types("다음\r")
        chat.shows("앵무새\n다음")
        chat.types("\x03")
        chat.shows("나가려면 Ctrl-C")
        chat.types("\x03")
        assert chat.ends() == 0


def test_typing_while_an_answer_grows_joins_the_next_turn(
    profile: Path, environ: Mapping[str, str], gate: Path, piped: Piping
) -> None:
    with console(chat_command(profile), environ) as chat:
        chat.shows(IDLE)
        chat.types("이야기\r")
        chat.shows("옛날 옛적에")
        chat.types("그래서?\r")
        chat.shows("› 그래서?")
        gate.touch()
        chat.shows("옛날 옛적에 살았어요\n")
        chat.shows("앵무새\n그래서?")
        chat.types("/quit\r")
        assert chat.ends() == 0
    history = piped("/history", arguments=["--conversation", "main"]).stderr
    assert history.index("옛날 옛적에 살았어요") < history.index("그래서?")


def test_a_talk_goes_on_after_leaving_in_the_middle_of_an_answer(
    profile: Path, environ: Mapping[str, str]
) -> None:
    with console(chat_command(profile), environ) as chat:
        chat.shows(IDLE)
        chat.types("이야기\r")
        chat.shows("옛날 옛적에")
        chat.types("\x04")
        chat.shows("(멈췄어요)")
        assert chat.ends() == 0
    with console(chat_command(profile), environ) as chat:
        chat.shows("옛날 옛적에\n(멈췄어요)")
        chat.shows("지난 대화를 이어 가요")
        chat.types("/reset\r")
        chat.shows("새 대화를 시작해요")


def test_what_a_killed_chat_left_is_answered_at_the_next_start(
    profile: Path, environ: Mapping[str, str], gate: Path
) -> None:
    with console(chat_command(profile), environ) as chat:
        chat.shows(IDLE)
        chat.types("이야기\r")
        chat.shows("옛날 옛적에")
        chat.process.kill()
        chat.ends()
    gate.touch()
    with console(chat_command(profile), environ) as chat:
        chat.shows("옛날 옛적에 살았어요\n(지난번에 끝내지 못한 답이에요)")


def test_a_dumb_terminal_is_talked_to_line_by_line(
    profile: Path, environ: Mapping[str, str]
) -> None:
    with console(chat_command(profile), {**environ, "TERM": "dumb"}) as chat:
        chat.shows("프로필 test")
        chat.types("안녕\n")
        chat.shows("parrot: 안녕")
        chat.types("/quit\n")
        assert chat.ends() == 0
        assert b"\x1b" not in chat.output


def test_a_talk_in_english(profile: Path, environ: Mapping[str, str]) -> None:
    with console(chat_command(profile), {**environ, "MADANG__LOCALE": "en"}) as chat:
        chat.shows("Hello! I repeat.")
        chat.shows("Ctrl-D leave")
        chat.types("/hepl\r")
        chat.shows("Did you mean: /help")
