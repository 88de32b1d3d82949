"""Every setting can be given by an environment variable."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import SettingsError
from madang.settings import Settings, load
from madang.settings.environment import override
from madang.toml import read_table

PROFILE = """
[models.demo]
source = "x"
[personas.slang_friend]
model = "demo"
[places."discord/1"]
[filters.wordlist]
words = ["a"]
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


def settings_with(profile: Path, name: str, value: str) -> Settings:
    return load(profile, {name: value, "PATH": "/bin", "MADANG_HOME": "/h"}).settings


@pytest.mark.parametrize("text", ["false", "False", "no", "off", "0"])
def test_a_persona_is_switched_off(profile: Path, text: str) -> None:
    settings = settings_with(profile, "MADANG__PERSONAS__SLANG_FRIEND__ENABLED", text)
    assert settings.personas["slang_friend"].enabled is False
    assert settings.personas["slang_friend"].model == "demo"


def test_a_place_is_spelled_with_underscores(profile: Path) -> None:
    settings = settings_with(profile, "MADANG__PLACES__DISCORD_1__ENABLED", "true")
    assert settings.places["discord/1"].enabled is True


def test_case_does_not_matter(profile: Path) -> None:
    assert settings_with(profile, "madang__Locale", "en").locale == "en"


def test_a_new_table_may_be_opened(profile: Path) -> None:
    settings = settings_with(profile, "MADANG__PERSONAS__PARROT__MODEL", "demo")
    assert settings.personas["parrot"].model == "demo"


def test_values_take_the_type_of_their_setting(profile: Path) -> None:
    environ = {
        "MADANG__LIMITS__WAIT_SECONDS": "30",
        "MADANG__QUEUE__MAX_WAITING": "4",
        "MADANG__PERSONAS__SLANG_FRIEND__HISTORY": "all",
        "MADANG__PERSONAS__SLANG_FRIEND__SAMPLING__STOP": '["\\n", ","]',
        "MADANG__PERSONAS__SLANG_FRIEND__OPTIONS__AGE": "20",
        "MADANG__FILTERS__WORDLIST__ENABLED": "true",
        "MADANG__FILTERS__WORDLIST__WORDS": '["b", "c"]',
        "MADANG__BOTS__TTY__OPTIONS__WIDTH": "80",
        "MADANG__BOTS__TTY__OPTIONS__COLOUR": "light red",
        "MADANG__PLUGINS__WITHOUT": "one, two",
        "MADANG__MODELS__TINY": '{source = "y"}',
    }
    settings = load(profile, environ).settings
    persona = settings.personas["slang_friend"]
    assert settings.limits.wait_seconds == 30
    assert settings.queue.max_waiting == 4
    assert persona.history == "all"
    assert persona.sampling.stop == ("\n", ",")
    assert persona.options == {"age": "20"}
    assert settings.filter("wordlist").options["words"] == ["b", "c"]
    assert settings.bots["tty"].options == {"width": 80, "colour": "light red"}
    assert settings.plugins.without == ("one", "two")
    assert settings.models["tiny"].source == "y"


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("MADANG__LOCAL", "Did you mean 'locale'?"),
        ("MADANG__PERSONAS__SLANG_FRIEND__ENABLE", "Did you mean 'enabled'?"),
        ("MADANG__LOCALE__NAME", "holds a value"),
        ("MADANG__", "Known:"),
        ("MADANG__PERSONAS____ENABLED", "slang_friend"),
    ],
)
def test_an_unknown_variable_is_refused(profile: Path, variable: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(profile, {variable: "x"})
    assert variable in caught.value.message
    assert hint in caught.value.hint


def test_a_wrong_value_names_the_variable(profile: Path) -> None:
    with pytest.raises(SettingsError, match="environment variable MADANG__QUEUE__MAX_WAITING"):
        load(profile, {"MADANG__QUEUE__MAX_WAITING": "many"})


def test_a_table_in_the_way_of_a_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("queue = 3", encoding="utf-8")
    with pytest.raises(SettingsError, match="'queue' is no table"):
        load(path, {"MADANG__QUEUE__KIND": "local"})


@given(st.text())
def test_text_arrives_as_it_is_or_not_at_all(text: str) -> None:
    table: dict[str, object] = {}
    override(table, {"MADANG__PERSONA": text})
    settings = read_table(table, Settings, lambda path: "x")
    # A value may be written as TOML does, in quotes.
    assert settings.persona == text or text.strip()[0] in "\"'"
