"""The line at the bottom, typed into in this process."""

import asyncio
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output
from tests.bots.terminal.console import COLUMNS, ROWS, Window
from tests.bots.terminal.talking import ME

from madang.contract import Place
from madang.yard import Yard
from madang_terminal.interactive import Interactive

UP, TAB, ALT_ENTER, CTRL_C, CTRL_D = "\x1b[A", "\t", "\x1b\r", "\x03", "\x04"


@dataclass
class Sitting:
    """Sit at a terminal: type, and look."""

    keys: PipeInput
    window: Window
    interactive: Interactive
    home: Path

    async def types(self, keys: str, *shown: str) -> None:
        """Send keys and wait for what they make appear, in this order."""
        self.keys.send_text(keys)
        for words in shown:
            await self.window.shows(words)


@pytest.fixture
async def sitting(
    yard: Yard, gate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sitting]:
    """Run the chat until the test has looked at everything."""
    monkeypatch.setenv("GATE", str(gate))
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    window = Window()
    output = Vt100_Output(window, lambda: Size(ROWS, COLUMNS), enable_cpr=False)
    with create_pipe_input() as keys, create_app_session(input=keys, output=output):
        interactive = Interactive(yard, Place("terminal/main"), ME)
        chat = asyncio.create_task(interactive.run())
        await window.shows("Ctrl-D 나가기\x20")
        yield Sitting(keys, window, interactive, tmp_path)
        if not keys.closed:
            keys.send_text("\x15\x04")
        assert await chat == 0


async def test_a_menu_choice_by_number_then_a_sample(sitting: Sitting) -> None:
    await sitting.types("1\r", "부엉.", "밤이야?")
    await sitting.types("/1\r", "나 › 밤이야?", "올빼미\n밤이야?")


async def test_alt_enter_makes_a_second_line(sitting: Sitting) -> None:
    await sitting.types(f"첫 줄{ALT_ENTER}둘째 줄\r", "앵무새\n첫 줄\n둘째 줄")


async def test_what_was_typed_comes_back_with_the_arrow(sitting: Sitting) -> None:
    await sitting.types("하나\r", "앵무새\n하나")
    await sitting.types(f"{UP} 둘\r", "앵무새\n하나 둘")
    kept = sitting.home / "home" / "terminal_input"
    assert "+하나 둘" in kept.read_text("utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/pers", "페르소나 고르기"),
        ("/persona o", "올빼미"),
        ("@pa", "앵무새"),
        ("/export j", ".json"),
    ],
)
async def test_tab_completes(sitting: Sitting, typed: str, shown: str) -> None:
    await sitting.types(typed, shown)


async def test_tab_takes_the_only_completion(sitting: Sitting) -> None:
    await sitting.types("/hist", "지난 이야기 보기")
    await sitting.types(f"{TAB}\r", "› /history\n")


async def test_an_edit_begins_with_the_last_question(sitting: Sitting) -> None:
    await sitting.types("하나\r", "앵무새\n하나")
    await sitting.types("/edit\r", "/edit\n", "/edit 하나")
    await sitting.types(" 둘\r", "앵무새\n하나 둘")


async def test_forget_asks_and_deletes_what_was_typed_too(sitting: Sitting) -> None:
    await sitting.types("비밀이야\r", "앵무새\n비밀이야")
    await sitting.types("/forget\r", "[네/아니요]")
    await sitting.types("아니요\r", "그대로 두었어요.")
    await sitting.types("/forget\r", "[네/아니요]")
    await sitting.types("네\r", "2개의 글을 지웠어요.")
    assert not (sitting.home / "home" / "terminal_input").exists()


async def test_leaving_instead_of_confirming_is_a_no(sitting: Sitting) -> None:
    await sitting.types("하나\r", "앵무새\n하나")
    await sitting.types("/forget\r", "[네/아니요]")
    await sitting.types(CTRL_D, "그대로 두었어요.")


async def test_ctrl_c_empties_the_line_first(sitting: Sitting) -> None:
    await sitting.types("아무 말", "아무 말")
    await sitting.types(CTRL_C)
    await sitting.types(CTRL_C, "나가려면 Ctrl-C")
    await sitting.types("하나\r", "앵무새\n하나")


@pytest.mark.parametrize(
    ("asked", "told"),
    [("고장", "모델을 불러오지 못했어요"), ("빈 답", "(빈 답이에요)"), ("길이", "(길이 제한에서")],
)
async def test_an_answer_that_did_not_simply_end_says_so(
    sitting: Sitting, asked: str, told: str
) -> None:
    await sitting.types(f"{asked}\r", told)


async def test_a_message_that_is_too_long_is_told_while_an_answer_grows(sitting: Sitting) -> None:
    await sitting.types("이야기\r", "옛날 옛적에")
    await sitting.types("가" * 500 + "\r", "글이 너무 길어요")
    await sitting.types(CTRL_C, "(멈췄어요)")


async def test_a_command_works_while_an_answer_grows(sitting: Sitting) -> None:
    await sitting.types("이야기\r", "옛날 옛적에")
    await sitting.types("/retry\r", "답을 쓰는 중이에요")
    await sitting.types("/stop\r", "(멈췄어요)")
    await sitting.types("/variants\r", "● 1  옛날 옛적에 (멈췄어요)")


async def test_an_answer_higher_than_the_window_shows_its_end(sitting: Sitting) -> None:
    lines = "\n".join(f"{number}번째 줄" for number in range(1, 45))
    await sitting.types(f"\x1b[200~{lines}\x1b[201~\r", "앵무새\n1번째 줄\n2번째 줄", "44번째 줄\n")


async def test_history_shows_who_said_what(sitting: Sitting) -> None:
    await sitting.types("하나\r", "앵무새\n하나")
    await sitting.types("/history\r", "나 › 하나\n\n앵무새\n하나\n")


async def test_a_terminal_that_goes_away_ends_it(sitting: Sitting) -> None:
    await sitting.types("하나\r", "앵무새\n하나")
    sitting.keys.close()
