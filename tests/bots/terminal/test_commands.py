"""What typed lines do, on the whole path with a recorder for a screen."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.bots.terminal.talking import Talking

from madang.contract import TurnState
from madang_terminal.commands import COMMANDS, find_command
from madang_terminal.lines import hear


async def test_help_lists_every_command(talking: Talking) -> None:
    await talking.types("/help")
    assert [row[0].split()[0] for row in talking.screen.rows] == [f"/{name}" for name in COMMANDS]
    assert "//" in talking.screen.told[-1]


async def test_help_explains_one_command(talking: Talking) -> None:
    await talking.types("/help /retry")
    assert [row[0] for row in talking.screen.rows] == ["/retry"]
    assert "/variants" in talking.screen.told[-1]


async def test_help_on_an_unknown_command_lists_all(talking: Talking) -> None:
    await talking.types("/help 없음")
    assert "없음" in talking.screen.told[0]
    assert len(talking.screen.rows) == len(COMMANDS)


@pytest.mark.parametrize(("word", "name"), [("다시", "retry"), ("HELP", "help"), ("?", "help")])
def test_a_command_has_other_names(word: str, name: str) -> None:
    command = find_command(word)
    assert command and command.name == name


@pytest.mark.parametrize(("typed", "meant"), [("/hepl", "/help"), ("/pers", "/persona")])
async def test_an_unknown_command_hints_at_the_nearest(
    talking: Talking, typed: str, meant: str
) -> None:
    await talking.types(typed)
    assert meant in talking.screen.told[-1]


async def test_an_unknown_command_that_is_like_none_gets_all(talking: Talking) -> None:
    await talking.types("/qqqqqq")
    assert all(f"/{name}" in talking.screen.told[-1] for name in COMMANDS)


@pytest.mark.parametrize(
    ("word", "reference"),
    [
        ("owl", "owl"),
        ("1", "owl"),
        ("올빼미", "owl"),
        ("앵", "parrot"),
        ("ow", "owl"),
        ("owl:deep", "owl:deep"),
        ("OWL:d", "owl:deep"),
        ("3", ""),
        ("0", ""),
        ("고래", ""),
        ("", ""),
    ],
)
def test_a_persona_is_found_by_number_name_title_or_beginning(
    talking: Talking, word: str, reference: str
) -> None:
    assert talking.talk.find(word) == reference


async def test_persona_changes_who_answers_and_introduces_them(talking: Talking) -> None:
    assert await talking.types("/persona owl:deep", "밤") == ["owl:deep: 밤"]
    assert "부엉." in talking.screen.told
    assert "owl:deep" in talking.screen.told[-1]
    assert talking.screen.rows == [("/1", "밤이야?")]


async def test_persona_alone_introduces_the_current_one(talking: Talking) -> None:
    await talking.types("/persona")
    assert "앵무새" in talking.screen.told[0]


async def test_an_unknown_persona_is_told_the_known_ones(talking: Talking) -> None:
    assert await talking.types("/persona 고래", "@고래 안녕", "@owl") == []
    assert all("owl" in told for told in talking.screen.told)


async def test_the_menu_takes_a_bare_number_once(talking: Talking) -> None:
    assert await talking.types("/personas", "1", "1") == ["owl: 1"]


async def test_the_menu_marks_the_current_one(talking: Talking) -> None:
    await talking.types("/personas")
    assert talking.screen.rows == [
        ("  1", "올빼미", "owl", "밤에 사는 새"),
        ("● 2", "앵무새", "parrot", "따라 하는 새"),
    ]


async def test_a_sample_is_asked_by_its_number(talking: Talking) -> None:
    assert await talking.types("/2", "/3") == ["parrot: 날씨가 좋아"]
    assert "/2" in talking.screen.told[-1]


async def test_a_name_addresses_a_persona_for_one_turn(talking: Talking) -> None:
    night, day = await talking.types("@owl 밤", "낮")
    assert night == "owl: 밤"
    assert day.startswith("parrot: ")


@pytest.mark.parametrize("line", ["//help", "@@owl"])
async def test_a_doubled_sign_is_said_as_one(talking: Talking, line: str) -> None:
    assert await talking.types(line) == [f"parrot: {line[1:]}"]


async def test_a_message_keeps_its_line_ends(talking: Talking) -> None:
    assert await talking.types("첫 줄\n둘째 줄") == ["parrot: 첫 줄\n둘째 줄"]


async def test_retry_makes_variants_to_choose_from(talking: Talking) -> None:
    await talking.types("하나", "/retry", "/variants")
    assert [row[0] for row in talking.screen.rows] == ["  1", "● 2"]
    await talking.types("/variants 1", "/variants")
    assert [row[0] for row in talking.screen.rows] == ["● 1", "  2"]
    await talking.types("/variants 3")
    assert "2" in talking.screen.told[-1]


async def test_undo_takes_back_and_edit_says_it_otherwise(talking: Talking) -> None:
    await talking.types("하나", "둘", "/undo")
    assert "둘" in talking.screen.told[-1]
    assert await talking.types("/edit 셋", "/history") == ["parrot: 셋"]
    assert talking.screen.shown == ["셋", "셋"]


async def test_edit_alone_puts_the_question_before_the_person(talking: Talking) -> None:
    await talking.types("하나", "/edit")
    assert talking.screen.input == "/edit 하나"


async def test_an_answer_that_was_cut_is_continued(talking: Talking) -> None:
    assert await talking.types("길이", "/continue") == ["parrot: 길이", "parrot: 길이길이"]


async def test_history_shows_the_last_turns(talking: Talking) -> None:
    await talking.types("하나", "둘", "/history 2")
    assert talking.screen.shown == ["둘", "둘"]


async def test_reset_begins_anew(talking: Talking) -> None:
    await talking.types("하나", "/reset", "/history")
    assert talking.screen.shown == []
    assert talking.talk.texts("history.none") in talking.screen.told


async def test_forget_asks_first(talking: Talking) -> None:
    talking.screen.says_yes = False
    await talking.types("하나", "/forget", "/history")
    assert talking.screen.shown == ["하나", "하나"]
    talking.screen.says_yes = True
    await talking.types("/forget", "/history")
    assert talking.screen.shown == []
    assert talking.screen.forgotten


async def test_stop_stops_what_is_on_its_way(talking: Talking) -> None:
    await hear(talking.talk, "이야기")
    await hear(talking.talk, "/stop")
    await talking.talk.conversations.settled()
    turns = await talking.talk.conversations.history(talking.talk.place)
    assert turns[-1].state is TurnState.STOPPED
    await talking.types("/stop")
    assert talking.talk.texts("stop.nothing") in talking.screen.told


async def test_quit_leaves(talking: Talking) -> None:
    await talking.types("/quit")
    assert talking.talk.leaving


@pytest.mark.parametrize("command", ["retry", "undo", "edit", "continue", "variants", "export"])
async def test_there_must_be_something_to_do_it_with(talking: Talking, command: str) -> None:
    await talking.types(f"/{command}")
    assert talking.screen.told == [talking.talk.texts("problem.nothing_there")]


async def test_export_writes_what_is_shown(talking: Talking, tmp_path: Path) -> None:
    path = tmp_path / "내 대화.md"
    await talking.types("하나", "/retry", f"/export {path}")
    text = await asyncio.to_thread(path.read_text, "utf-8")
    assert text.count("하나") == 2
    assert "**앵무새**" in text


async def test_export_as_json_holds_every_variant(talking: Talking, tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    await talking.types("하나", "/retry", f"/export {path}")
    assert len(json.loads(await asyncio.to_thread(path.read_text, "utf-8"))["turns"]) == 3


async def test_export_names_a_file_of_its_own(
    talking: Talking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await talking.types("하나", "/export json")
    assert len(list(tmp_path.glob("terminal-main-*.json"))) == 1


async def test_export_replaces_a_file_only_when_told_to(talking: Talking, tmp_path: Path) -> None:
    path = tmp_path / "kept.md"
    await asyncio.to_thread(path.write_text, "소중한 글", "utf-8")
    talking.screen.says_yes = False
    await talking.types("하나", f"/export {path}")
    assert await asyncio.to_thread(path.read_text, "utf-8") == "소중한 글"
    talking.screen.says_yes = True
    await talking.types(f"/export {path}")
    assert "하나" in await asyncio.to_thread(path.read_text, "utf-8")


async def test_export_tells_what_hinders_it(talking: Talking, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "talk.md"
    await talking.types("하나", f"/export {path}")
    assert str(path) in talking.screen.told[-1]


async def test_a_failed_answer_is_told_in_history_and_variants(talking: Talking) -> None:
    await talking.types("고장", "/variants")
    assert talking.talk.texts("problem.model_not_loaded") in talking.screen.rows[0][1]
