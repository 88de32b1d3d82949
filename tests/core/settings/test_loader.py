"""A profile is read whole, or refused with the file, the place and the remedy."""

import os
from pathlib import Path

import pytest

from madang.errors import SettingsError
from madang.settings import load, profile_names


def written(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(written(folder, text), {})
    assert "my.toml" in caught.value.message
    return str(caught.value)


def test_an_empty_profile_is_all_defaults(tmp_path: Path) -> None:
    settings = load(written(tmp_path, ""), {"MADANG_HOME": str(tmp_path)}).settings
    assert settings.locale == "ko"
    assert settings.store.path == str(tmp_path / "madang.db")
    assert settings.limits.wait_seconds == 120


@pytest.mark.parametrize("name", ["demo", "small", "vllm", "fleet"])
def test_a_profile_of_madang_is_found_by_name(name: str) -> None:
    assert name in profile_names()
    loaded = load(name, {})
    assert loaded.path.name == f"{name}.toml"
    assert all(loaded.settings.binding(persona) for persona in loaded.settings.personas)


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'demo'"):
        load("demmo", {})


def test_broken_toml_names_line_and_column(tmp_path: Path) -> None:
    assert "my.toml:2:13:" in refusal(tmp_path, 'locale = "ko"\n[models.demo\n')


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ('local = "ko"', "local", "locale"),
        ("[personas.pal]\nenabeld = true", "personas.pal.enabeld", "enabled"),
        ("[models.demo]\nsorce = 'x'", "models.demo.sorce", "source"),
        ('[places."discord/1".personas.pal]\nmodell=""', 'places."discord/1".personas', "model"),
        ("[personas.pal.sampling]\ntop_q = 1", "personas.pal.sampling.top_q", "top_"),
    ],
)
def test_an_unknown_key_names_the_nearest(
    tmp_path: Path, text: str, key: str, nearest: str
) -> None:
    words = refusal(tmp_path, text)
    assert f"{key}" in words
    assert "unknown key" in words
    assert f"Did you mean '{nearest}" in words


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("locale = 3", "locale", "got integer"),
        ('locale = "fr"', "locale", "Known: 'ko', 'en'"),
        ("[personas]\npal = 3", "personas.pal", "expected table, got integer"),
        ("models = []", "models", "expected table, got array"),
        ("[personas.pal]\nenabled = 'no'", "personas.pal.enabled", "expected boolean"),
        ("[personas.pal]\nhistory = 'most'", "personas.pal.history", "Known: 'none', 'own', 'all'"),
        ("[personas.pal]\nhistory = -1", "personas.pal.history", "expected integer >= 0"),
        ("[defaults.sampling]\ntop_p = 0", "defaults.sampling.top_p", "expected float > 0"),
        ("[queue]\nmax_waiting = 0", "queue.max_waiting", "expected integer >= 1"),
        ("[limits]\nwait_seconds = inf", "limits.wait_seconds", "expected float <= 86400"),
        ("[limits]\nwait_seconds = nan", "limits.wait_seconds", "expected float"),
        ("[filters.wordlist]\nenabled = 'yes'", "filters.wordlist.enabled", "expected boolean"),
        ("[filters.wordlist]\nkind = 1", "filters.wordlist.kind", "expected string"),
        ("[models.demo]\ncontext = -5", "models.demo.context", "expected integer >= 0"),
        ("[models.demo.special_ids]\neos = 'x'", "models.demo.special_ids.eos", "got string"),
    ],
)
def test_a_wrong_type_names_key_and_type(tmp_path: Path, text: str, key: str, words: str) -> None:
    said = refusal(tmp_path, text)
    assert f": {key}: " in said
    assert words in said


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("[personas.pal]\nmodel = 'dmo'", "personas.pal.model", "demo"),
        ("[personas.pal]\nmodel = 'demo'\nadapter = 'pall'", "personas.pal.adapter", "pal"),
        ("[defaults]\nmodel = 'dmo'", "defaults.model", "demo"),
        ("[personas.pal.modes.loud]\nmodel = 'dmo'", "personas.pal.modes.loud.model", "demo"),
        ("[bots.tty.personas.pal]\nmodel = 'dmo'", "bots.tty.personas.pal.model", "demo"),
        ('[places."tty/1".personas.pal]\nmodel = "dmo"', 'places."tty/1".personas', "demo"),
        ("[bots.tty]\nfilters = ['wordlst']", "bots.tty.filters", "wordlist"),
        ('[places."tty/1"]\nfilters = ["wordlst"]', 'places."tty/1".filters', "wordlist"),
    ],
)
def test_a_name_that_the_profile_lacks_is_refused(
    tmp_path: Path, text: str, key: str, hint: str
) -> None:
    base = "[models.demo]\nsource = 'x'\nadapters = {pal = 'y'}\n[filters.wordlist]\n"
    words = refusal(tmp_path, base + text)
    assert key in words
    assert f"Did you mean '{hint}'?" in words


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes("\ufefflocale = 'en'\r\n# 한글\r\n".encode())
    assert load(path, {}).settings.locale == "en"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: there is no such file"):
        load(tmp_path / "none.toml", {})


def test_paths_are_relative_to_the_profile(tmp_path: Path) -> None:
    text = """
    [models.a]
    source = "./weights"
    tokenizer = "owner/name"
    adapters = {pal = "../pal", hub = "owner/name"}
    [plugins]
    dirs = ["mine"]
    [filters.wordlist]
    file = "words.txt"
    """
    settings = load(written(tmp_path, text), {}).settings
    model = settings.models["a"]
    assert model.source == str(tmp_path / "weights")
    assert model.tokenizer == model.adapters["hub"] == "owner/name"
    assert os.path.normpath(model.adapters["pal"]) == str(tmp_path.parent / "pal")
    assert settings.plugins.dirs == (str(tmp_path / "mine"),)
    assert settings.filter("wordlist").options == {"file": str(tmp_path / "words.txt")}


def test_paths_from_the_environment_are_relative_to_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load("demo", {"MADANG__PLUGINS__DIRS": "mine", "MADANG_HOME": "home"})
    assert loaded.settings.plugins.dirs == (str(tmp_path / "mine"),)
    assert loaded.settings.store.path == str(tmp_path / "home" / "madang.db")


def test_a_store_may_live_in_memory(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, '[store]\npath = ":memory:"'), {})
    assert loaded.settings.store.path == ":memory:"
