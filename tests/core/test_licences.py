"""A restricted model answers only after the operator accepted its licence by name."""

import json
from pathlib import Path

import pytest

from madang.cli import main
from madang.contract import Place
from madang.errors import LicenceNotAccepted, SettingsError
from madang.setup import Setup, prepare
from madang.testing import open_chat
from madang.texts import Texts

PROFILE = """\
persona = "assistant"
accept_licences = [{accepted}]
[models.free]
backend = "echo"
licence = "Apache-2.0"
[models.tied]
backend = "echo"
licence = "CC BY-NC 4.0"
licence_link = "https://creativecommons.org/licenses/by-nc/4.0/"
restriction = "non-commercial use only"
attribution = "Tied by somebody"
[defaults]
model = "{model}"
form = "general"
[personas.assistant.modes.tied]
model = "tied"
[personas.slang_friend]
model = "tied"
"""
KIND = {
    "ko": "이 페르소나의 모델은 쓰임새가 제한된 라이선스라",
    "en": "The licence of this persona's model restricts its use",
}


def profile_of(tmp_path: Path, *accepted: str, model: str = "free") -> Path:
    path = tmp_path / "test.toml"
    names = ", ".join(f'"{name}"' for name in accepted)
    path.write_text(PROFILE.format(accepted=names, model=model), "utf-8")
    return path


def problem_of(setup: Setup, persona: str) -> object:
    (info,) = (info for info in setup.personas() if info.persona.name == persona)
    return info.problem


def test_the_error_says_what_is_forbidden_and_what_to_write(tmp_path: Path) -> None:
    setup = prepare(profile_of(tmp_path), {})
    with pytest.raises(LicenceNotAccepted) as caught:
        setup.binder.bind("slang_friend", Place("test"))
    assert "CC BY-NC 4.0" in caught.value.message
    assert "non-commercial use only" in caught.value.message
    assert "https://creativecommons.org/licenses/by-nc/4.0/" in caught.value.hint
    assert 'accept_licences = ["tied"]' in caught.value.hint
    assert caught.value.code == "licence_not_accepted"


def test_a_line_to_write_keeps_what_was_accepted_before(tmp_path: Path) -> None:
    path = profile_of(tmp_path, "free")
    with pytest.raises(LicenceNotAccepted) as caught:
        prepare(path, {}).binder.bind("slang_friend", Place("test"))
    line = caught.value.hint.partition("profile: ")[2]
    text = path.read_text("utf-8").replace('accept_licences = ["free"]', line)
    path.write_text(text, "utf-8")
    assert prepare(path, {}).binder.bind("slang_friend", Place("test"))


def test_a_restricted_model_has_no_backend_until_it_is_accepted(tmp_path: Path) -> None:
    assert set(prepare(profile_of(tmp_path), {}).backends()) == {"free"}
    assert set(prepare(profile_of(tmp_path, "tied"), {}).backends()) == {"free", "tied"}


def test_the_environment_accepts_too(tmp_path: Path) -> None:
    setup = prepare(profile_of(tmp_path), {"MADANG__ACCEPT_LICENCES": "tied"})
    assert set(setup.backends()) == {"free", "tied"}


def test_the_start_is_refused_only_when_nobody_could_answer(tmp_path: Path) -> None:
    assert prepare(profile_of(tmp_path), {}).backends()
    with pytest.raises(LicenceNotAccepted, match="tied"):
        prepare(profile_of(tmp_path, model="tied"), {}).backends()


def test_a_name_that_is_no_model_cannot_be_accepted(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="tide") as caught:
        prepare(profile_of(tmp_path, "tide"), {})
    assert "tied" in caught.value.hint


async def test_others_answer_and_the_restricted_one_says_why_not(tmp_path: Path) -> None:
    async with open_chat(profile_of(tmp_path)) as chat:
        assert (await chat.ask("안녕")).text == "안녕"
        for reference in ("slang_friend", "assistant:tied"):
            with pytest.raises(LicenceNotAccepted):
                await chat.ask("안녕", persona=reference)
        assert (await chat.ask("그래")).text == "그래"
        await chat.yard.warm(chat.place)


def test_accepting_by_a_changed_file_waits_for_a_restart(tmp_path: Path) -> None:
    setup = prepare(profile_of(tmp_path), {})
    profile_of(tmp_path, "tied")
    assert isinstance(problem_of(setup, "slang_friend"), LicenceNotAccepted)
    assert problem_of(prepare(tmp_path / "test.toml", {}), "slang_friend") is None


@pytest.mark.parametrize("locale", KIND)
def test_people_are_told_kindly(tmp_path: Path, locale: str) -> None:
    words = Texts.of("madang", locale).words["problem.licence_not_accepted"]
    assert words.startswith(KIND[locale])


def test_personas_shows_the_terms_and_the_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(profile_of(tmp_path))
    assert main(["personas", "--profile", path, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {row["name"]: row for row in map(json.loads, lines)}
    slang, assistant = rows["slang_friend"], rows["assistant"]
    assert slang["licence"] == "CC BY-NC 4.0"
    assert slang["restriction"] == "non-commercial use only"
    assert slang["attribution"] == "Tied by somebody"
    assert slang["link"].endswith("by-nc/4.0/")
    assert 'accept_licences = ["tied"]' in slang["problem"]
    assert "problem" not in assistant and "restriction" not in assistant
