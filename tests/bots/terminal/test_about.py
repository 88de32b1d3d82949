"""What the terminal says of a model and its licence."""

from pathlib import Path

import pytest
from tests.bots.terminal.talking import Talking

from madang_terminal.commands import find_command


@pytest.fixture
def profile(profile: Path) -> Path:
    """Add terms to the model, and a restricted one that the owl is bound to."""
    text = profile.read_text("utf-8").replace(
        'description = "되풀이하는 모델"\n',
        'description = "되풀이하는 모델"\nlicence = "Apache-2.0"\nattribution = "누가 만듦"\n'
        '[models.tied]\nbackend = "held"\nsource = "somebody/tied"\nlicence = "CC BY-NC 4.0"\n'
        'licence_link = "https://creativecommons.org/"\nrestriction = "비상업 전용"\n'
        '[personas.owl]\nmodel = "tied"\n',
    )
    profile.write_text(text, "utf-8")
    return profile


async def test_about_shows_who_answers_with_what_and_on_which_terms(talking: Talking) -> None:
    await talking.types("/about")
    assert talking.screen.rows == [
        ("페르소나", "앵무새 (parrot)"),
        ("모델", "held"),
        ("라이선스", "Apache-2.0"),
        ("만든 곳", "누가 만듦"),
    ]


async def test_about_shows_a_restricted_model_before_it_is_accepted(talking: Talking) -> None:
    await talking.types("/정보 올빼미")
    assert talking.screen.rows == [
        ("페르소나", "올빼미 (owl)"),
        ("모델", "tied"),
        ("가중치", "somebody/tied"),
        ("라이선스", "CC BY-NC 4.0"),
        ("제한", "비상업 전용"),
        ("전문", "https://creativecommons.org/"),
    ]
    assert "운영자가 먼저 동의해야 해요" in talking.screen.told[-1]


async def test_a_restricted_persona_is_told_of_and_another_one_still_answers(
    talking: Talking,
) -> None:
    assert await talking.types("@owl 밤이야?", "안녕") == ["parrot: 안녕"]
    assert any("동의해야" in words for words in talking.screen.told)
    await talking.types("/personas")
    assert [row[-1] for row in talking.screen.rows] == ["지금은 쓸 수 없어요", "따라 하는 새"]


async def test_about_somebody_unknown_names_who_there_is(talking: Talking) -> None:
    await talking.types("/about 토끼")
    assert "owl" in talking.screen.told[-1]


@pytest.mark.parametrize("word", ["about", "정보", "라이선스", "licence"])
def test_about_has_other_names(word: str) -> None:
    command = find_command(word)
    assert command and command.name == "about"
