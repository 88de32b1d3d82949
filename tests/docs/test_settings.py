"""docs/settings.md names every key of a profile, and its examples are read by madang itself."""

import tomllib
from pathlib import Path

import pytest
from tests.docs.keys import Key, profile_keys
from tests.docs.markdown import Block, blocks, read, rows, sections

from madang.contract import Place
from madang.settings import DailyLimit, Loaded, load
from madang.settings.live import LIVE
from madang.settings.profile import Settings

TEXT = read("settings.md")
EXAMPLES = [block for block in blocks(TEXT) if block.language == "toml"]
VARIABLES = rows(TEXT, "example")


def load_text(text: str, folder: Path, environ: dict[str, str] | None = None) -> Loaded:
    path = folder / "my.toml"
    path.write_text(text, "utf-8")
    return load(path, {"MADANG_HOME": str(folder), **(environ or {})})


def test_every_key_is_in_the_reference_with_its_type_and_default() -> None:
    documented = [Key(*row[:3]) for row in rows(TEXT, "key")]
    assert sorted(documented) == sorted(profile_keys())


def test_every_key_has_a_meaning() -> None:
    assert all(row[3] for row in rows(TEXT, "key"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: f"line {block.line}")
def test_examples_load(example: Block, tmp_path: Path) -> None:
    load_text(example.text, tmp_path)


@pytest.mark.parametrize("row", VARIABLES, ids=lambda row: row[1])
def test_environment_examples_set_what_they_say(row: list[str], tmp_path: Path) -> None:
    variable, _, value = row[0].partition("=")
    loaded = load_text("[plugins]\n[personas.slang_friend]\n", tmp_path, {variable: value})
    found: object = loaded.table
    for key in row[1].split("."):
        assert isinstance(found, dict)
        found = found[key]
    assert found == tomllib.loads(f"value = {row[2]}")["value"]


def test_levels_example_does_what_the_page_says(tmp_path: Path) -> None:
    text = next(block.text for block in EXAMPLES if "5678" in block.text)
    settings = load_text(text, tmp_path).settings
    discord, server, channel = map(Place, ("discord/1", "discord/1234", "discord/1234/5678"))
    assert settings.place(discord).persona == "culture_qa"
    assert settings.binding("finance_advisor", place=discord).model == "echo"
    assert settings.place(server).persona == "finance_advisor"
    assert settings.place(server).locale == "en"
    binding = settings.binding("finance_advisor", place=server)
    assert (binding.model, binding.adapter) == ("big", "finance")
    assert settings.place(server).enabled
    assert not settings.place(channel).enabled


def test_filters_example_does_what_the_page_says(tmp_path: Path) -> None:
    text = next(block.text for block in EXAMPLES if "wordlist" in block.text)
    settings = load_text(text, tmp_path).settings
    assert settings.place(Place("elsewhere")).filters == ("rude",)
    assert settings.place(Place("discord/1234")).filters == ("rude", "strict")
    assert settings.place(Place("terminal/main")).filters == ()


def test_limits_example_does_what_the_page_says(tmp_path: Path) -> None:
    text = next(block.text for block in EXAMPLES if "daily_tokens" in block.text)
    settings = load_text(text, tmp_path).settings
    server, channel = map(settings.place, (Place("discord/1234"), Place("discord/1234/5678")))
    assert server.daily_requests == DailyLimit(500, "discord/1234")
    assert settings.place(Place("discord/1")).daily_requests == DailyLimit(5000, "discord")
    assert channel.daily_requests.amount == 0
    assert channel.daily_tokens == DailyLimit(400_000, "discord/1234")
    assert settings.limits.daily_requests == 50


def test_live_keys_are_those_of_the_code() -> None:
    about = sections(TEXT, 2)["Changes while madang runs"]
    lists = about.partition("change at once:")[2]
    live, _, rest = lists.partition(".")
    others = rest.partition(")")[0]
    assert [name.strip(" `\n") for name in live.split(",")] == list(LIVE)
    assert {part for part in others.split("`") if part in Settings.__struct_fields__} == {
        name for name in Settings.__struct_fields__ if name not in LIVE
    }
