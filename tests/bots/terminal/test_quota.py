"""Somebody who has used up the day, at the terminal and through a pipe."""

from pathlib import Path

from tests.bots.terminal.conftest import Piping
from tests.bots.terminal.talking import Talking


async def test_who_has_used_up_the_day_is_told_which_limit_and_until_when(
    profile: Path, talking: Talking
) -> None:
    _limit(profile)
    assert await talking.types("하나", "둘") == ["parrot: 하나"]
    told, again = talking.screen.told[-1].splitlines()
    assert told == "오늘 한 사람이 물을 수 있는 만큼 다 물었어요 (1번 중 1번)."
    assert again.endswith("부터 다시 물을 수 있어요.")
    await talking.types("/retry")
    assert "다 물었어요" in talking.screen.told[-1]
    history = await talking.talk.conversations.history(talking.talk.place)
    assert [turn.shown for turn in history] == ["하나", "하나"]


def test_a_pipe_prints_it_in_place_of_the_answer(profile: Path, piped: Piping) -> None:
    _limit(profile, 'locale = "en"')
    ended = piped("하나", "둘")
    assert ended.stdout.startswith("parrot: 하나\nparrot: (The questions that one person may ask")


def _limit(profile: Path, more: str = "") -> None:
    text = profile.read_text("utf-8").replace("[limits]\n", "[limits]\ndaily_requests = 1\n")
    profile.write_text(f"{more}\n{text}", "utf-8")
