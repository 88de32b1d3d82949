"""Answers that are judged: held back until they are good, asked for again when they are not."""

from pathlib import Path

import pytest

from madang.contract import TurnState
from madang.testing import Answer, HeldBackend, ScriptedBackend
from madang.testing.chat import open_chat

PASSAGE = "광합성은 식물이 빛을 이용해 양분을 만드는 과정이다. 이때 산소가 함께 나온다."
PAIR = "[[Q]] 광합성 때 함께 나오는 것은?\n[[A]] 산소"

PROFILE = """\
persona = "qa_generator"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
[personas.qa_generator]
form = "general"
"""


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Write a profile of the question-answer generator."""
    path = tmp_path / "judged.toml"
    path.write_text(PROFILE, "utf-8")
    return path


async def test_retries_with_new_seeds_until_the_judge_accepts(judged: Path) -> None:
    backend = ScriptedBackend(answers=["그냥 글", Answer(PAIR, "length"), PAIR])
    async with open_chat(judged, backend=backend) as chat:
        update = await chat.ask(PASSAGE)
        assert (update.text, update.attempt) == (PAIR, 3)
        assert await chat.shown() == [PASSAGE, PAIR]
    seeds = {request.sampling.seed for request in backend.answered}
    assert len(seeds) == len(backend.answered) == 3


async def test_gives_up_after_its_attempts_and_says_so(judged: Path) -> None:
    backend = ScriptedBackend(answers=["하나", "둘", "셋"])
    async with open_chat(judged, backend=backend) as chat:
        update = await chat.ask(PASSAGE)
        assert update.state is TurnState.FAILED
        assert update.problem is not None
        assert update.problem.code == "bad_answer"
        assert update.text == ""


async def test_never_shows_a_draft(judged: Path) -> None:
    backend = ScriptedBackend(answers=["버릴 글", PAIR])
    seen: set[str] = set()
    async with open_chat(judged, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, PASSAGE)
        async for update in (await chat.reply(1)).updates():
            seen.add(update.text)
    assert seen <= {"", PAIR}


async def test_a_stopped_draft_is_not_shown(judged: Path) -> None:
    backend = HeldBackend("echo", hold_after=3)
    async with open_chat(judged, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, PASSAGE)
        await backend.held.wait()
        await chat.conversations.stop(chat.place)
        update = await (await chat.reply(1)).final()
        assert (update.text, update.state) == ("", TurnState.STOPPED)
