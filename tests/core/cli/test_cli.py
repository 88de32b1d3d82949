"""The commands, as somebody types them."""

import json
from pathlib import Path

import pytest

from madang.cli import COMMANDS, main

ECHO = """\
persona = "slang_friend"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
[store]
path = "talk.db"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a data folder of its own and the echo profile as the default."""
    profile = tmp_path / "echo.toml"
    profile.write_text(ECHO, "utf-8")
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADANG_PROFILE", str(profile))
    return tmp_path


Said = pytest.CaptureFixture[str]


def test_help_lists_every_command(capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str, capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"madang {command}" in capsys.readouterr().out


def test_an_unknown_command_names_the_nearest(capsys: Said) -> None:
    assert main(["chta"]) == 2
    assert "chat" in capsys.readouterr().err


def test_personas_lists_the_five(capsys: Said) -> None:
    assert main(["personas", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["name"] for row in rows} == {
        "assistant",
        "culture_qa",
        "finance_advisor",
        "qa_generator",
        "slang_friend",
    }
    assert all("problem" not in row for row in rows)


def test_plugins_shows_a_failed_one_and_why(home: Path, capsys: Said) -> None:
    folder = home / "mine"
    folder.mkdir()
    (folder / "broken.py").write_text("raise RuntimeError('no luck')\n", "utf-8")
    with (home / "echo.toml").open("a", encoding="utf-8") as file:
        file.write("[plugins]\ndirs = ['mine']\n")
    assert main(["plugins"]) == 1
    assert "no luck" in capsys.readouterr().out
    assert main(["plugins", "--without", "broken"]) == 0
    assert main(["personas", "--strict"]) == 2


def test_a_misspelt_key_names_file_key_and_the_nearest(home: Path, capsys: Said) -> None:
    with (home / "echo.toml").open("a", encoding="utf-8") as file:
        file.write("[personas.slang_friend]\nenabeld = false\n")
    assert main(["personas"]) == 2
    error = capsys.readouterr().err
    assert "echo.toml" in error
    assert "personas.slang_friend.enabeld" in error
    assert "'enabled'" in error


def test_config_shows_what_is_in_force_and_from_where(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADANG__LIMITS__WAIT_SECONDS", "7")
    assert main(["config", "show"]) == 0
    text = capsys.readouterr().out
    assert "wait_seconds = 7" in text
    assert "MADANG__LIMITS__WAIT_SECONDS" in text
    assert main(["config", "path"]) == 0


def test_verify_says_where_models_of_other_servers_are_checked(capsys: Said) -> None:
    assert main(["models", "verify"]) == 2
    assert "madang doctor" in capsys.readouterr().err


def test_doctor_is_content_with_a_good_profile(capsys: Said) -> None:
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {"python", "profile", "plugin", "store", "model"} <= {each["what"] for each in findings}


def test_doctor_names_the_model_that_is_not_there(home: Path, capsys: Said) -> None:
    with (home / "echo.toml").open("a", encoding="utf-8") as file:
        file.write("[models.gone]\nsource = './nowhere'\n[personas.assistant]\nmodel = 'gone'\n")
    assert main(["doctor"]) == 1
    assert "nowhere" in capsys.readouterr().out


def test_doctor_names_the_model_that_the_pool_has_no_room_for(home: Path, capsys: Said) -> None:
    with (home / "echo.toml").open("a", encoding="utf-8") as file:
        file.write("[models.demo]\nsource = 'package:madang/demo/model'\n[pool]\nmemory = '1MiB'\n")
    assert main(["doctor"]) == 1
    assert "`memory` of [pool]" in capsys.readouterr().out


def test_doctor_fetches_nothing(home: Path, capsys: Said) -> None:
    with (home / "echo.toml").open("a", encoding="utf-8") as file:
        file.write("[models.far]\nsource = 'somebody/far-away'\n")
    assert main(["doctor"]) == 0
    assert "madang models pull far" in capsys.readouterr().out


def test_doctor_names_a_damaged_store(home: Path, capsys: Said) -> None:
    folder = home / "home"
    folder.mkdir()
    (folder / "talk.db").write_bytes(b"this is no database" * 100)
    assert main(["doctor"]) == 1
    assert "talk.db" in capsys.readouterr().out


def test_a_newer_schema_is_refused_and_left_alone(home: Path, capsys: Said) -> None:
    (home / "home").mkdir()
    path = home / "home" / "talk.db"
    path.write_bytes(b"SQLite format 3\x00 but not whole")
    before = path.read_bytes()
    assert main(["doctor"]) == 1
    assert path.read_bytes() == before
    assert "talk.db" in capsys.readouterr().out
