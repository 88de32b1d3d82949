"""An answer's state in words."""

from pathlib import Path

import pytest

from madang.contract import Problem, Progress, TurnState
from madang.conversation import Update
from madang.errors import MadangError, ModelNotLoaded, PromptTooLong
from madang.testing import ScriptedBackend, open_chat
from madang.texts import Texts
from madang_terminal.words import FOR_OPERATORS, endings, waiting

TEXTS = Texts.of("madang_terminal", "ko")


def progress(**known: object) -> Update:
    return Update(progress=Progress(request="r", **known))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (progress(phase="queued", position=3), "차례를 기다려요 (3번째)"),
        (progress(phase="queued", position=3, eta=7.4), "차례를 기다려요 (3번째, 약 7초)"),
        (progress(phase="queued", position=1), "생각하는 중이에요"),
        (progress(phase="loading"), "모델을 불러오는 중이에요"),
        (progress(phase="loading", done=0.256), "모델을 불러오는 중이에요 (26%)"),
        (progress(phase="generating"), "생각하는 중이에요"),
        (Update(), "생각하는 중이에요"),
        (Update(attempt=2, attempts=3), "다시 만들고 있어요 (2/3)"),
    ],
)
def test_waiting_says_what_for(update: Update, words: str) -> None:
    assert update.state is TurnState.PENDING
    assert waiting(TEXTS, update) == words


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModelNotLoaded("no folder './w'", "Set `source`."), ["no folder './w'", "Set `source`."]),
        (PromptTooLong("9 tokens, 4 fit", "Shorten it."), []),
    ],
)
async def test_the_cause_is_told_where_the_operator_can_mend_it(
    tmp_path: Path, error: MadangError, told: list[str]
) -> None:
    profile = tmp_path / "echo.toml"
    profile.write_text("[models.echo]\nbackend = 'echo'\n[defaults]\nmodel = 'echo'\n", "utf-8")
    async with open_chat(profile, backend=ScriptedBackend(answers=[error])) as chat:
        update = await chat.ask("안녕")
        assert endings(TEXTS, chat.replies[0], update) == told


@pytest.mark.parametrize("code", sorted(FOR_OPERATORS))
def test_whoever_asked_is_not_told_the_operators_business(code: str) -> None:
    problem = Problem(code=code, message="The server at http://10.0.0.1 is gone.", hint="Start it.")
    assert "10.0.0.1" not in TEXTS.problem(problem)
