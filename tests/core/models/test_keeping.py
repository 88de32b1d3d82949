"""Listing what is here, and removing it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.core.models.checkpoint import save
from tests.standins.hub import Hub

from madang.cli import main
from madang.models.cache import bytes_on_disk, repository_dir

Profile = Callable[..., Path]
Said = pytest.CaptureFixture[str]


def madang(*words: str) -> int:
    return main(["models", *words])


def listed(file: Path, capsys: Said) -> dict[str, dict[str, object]]:
    capsys.readouterr()
    assert madang("list", "--profile", str(file), "--json") == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_the_list_follows_what_is_here(
    hub: Hub, profile: Profile, tmp_path: Path, capsys: Said
) -> None:
    file = profile()
    rows = listed(file, capsys)
    assert [rows[name]["state"] for name in ("small", "here", "remote")] == [
        "missing",
        "missing",
        "present",
    ]
    save(tmp_path / "here")
    assert madang("pull", "--profile", str(file)) == 0
    said = capsys.readouterr().out
    commit = hub.repositories["kim/small"].commit
    assert "weights of model 'small': fetched" in said
    assert f"kim/small at commit {commit}" in said
    assert "licence of 'small': Apache-2.0" in said
    assert "it restricts the use: non-commercial." in said
    assert "'here' is served once `accept_licences` of the profile names it." in said
    rows = listed(file, capsys)
    assert rows["small"]["state"] == rows["here"]["state"] == "present"
    assert rows["small"]["bytes"] != 0
    assert rows["here"]["accepted"] is False
    next(repository_dir("kim/small").rglob("*00001-of-00002.safetensors")).unlink()
    assert listed(file, capsys)["small"]["state"] == "partial"
    assert madang("list", "--profile", str(file)) == 0
    said = capsys.readouterr().out
    assert "small: partial" in said
    assert "without model-00001-of-00002.safetensors" in said
    assert "verified     not verified on real weights" in said
    assert "restriction  non-commercial (not accepted yet)" in said
    assert "remote: served by the backend 'openai'" in said


def test_removing_deletes_from_the_cache_and_says_how_much(
    hub: Hub, profile: Profile, capsys: Said
) -> None:
    file = profile()
    assert madang("pull", "small", "--profile", str(file)) == 0
    taken = bytes_on_disk("kim/small") + bytes_on_disk("kim/poet")
    assert taken > 300_000
    capsys.readouterr()
    assert madang("remove", "small", "--yes", "--profile", str(file)) == 0
    said = capsys.readouterr().out
    assert "deletes kim/small (weights)" in said
    assert "deletes kim/poet (adapter poet)" in said
    freed = taken - bytes_on_disk("kim/small") - bytes_on_disk("kim/poet")
    assert f"freed {freed / 1024:.1f} KiB" in said
    assert taken - freed < 1000
    assert listed(file, capsys)["small"]["state"] == "missing"
    assert madang("remove", "small", "--yes", "--profile", str(file)) == 0
    assert "nothing of it is in the cache" in capsys.readouterr().out


def test_removing_asks_first(
    hub: Hub, profile: Profile, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = profile()
    assert madang("pull", "small", "--profile", str(file)) == 0
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert madang("remove", "small", "--profile", str(file)) == 2
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "")
    assert madang("remove", "small", "--profile", str(file)) == 1
    assert listed(file, capsys)["small"]["state"] == "present"
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert madang("remove", "small", "--profile", str(file)) == 0
    assert listed(file, capsys)["small"]["state"] == "missing"


def test_folders_and_what_others_use_stay(
    hub: Hub, profile: Profile, tmp_path: Path, capsys: Said
) -> None:
    save(tmp_path / "here")
    file = profile(
        "[models.one]\nsource = 'kim/small'\n[models.two]\nsource = 'kim/small'\n"
        "[models.here]\nsource = './here'\n"
    )
    assert madang("pull", "--profile", str(file)) == 0
    assert madang("remove", "one", "--yes", "--profile", str(file)) == 0
    assert madang("remove", "here", "--yes", "--profile", str(file)) == 0
    said = capsys.readouterr().out
    assert "keeps kim/small (weights): model 'two' uses it as well" in said
    assert f"keeps {tmp_path / 'here'} (weights): a folder of yours" in said
    assert listed(file, capsys)["one"]["state"] == "present"
    assert (tmp_path / "here" / "config.json").is_file()


def test_other_revisions_stay(hub: Hub, profile: Profile, capsys: Said) -> None:
    file = profile("[models.one]\nsource = 'kim/small'\n")
    assert madang("pull", "--profile", str(file)) == 0
    old = hub.repositories["kim/small"].commit
    files = hub.repositories["kim/small"].files
    hub.repositories["kim/small"].files = {**files, "config.json": b'{"new": 1}'}
    assert madang("pull", "--profile", str(file)) == 0
    assert madang("remove", "one", "--yes", "--profile", str(file)) == 0
    assert listed(file, capsys)["one"]["state"] == "missing"
    assert (repository_dir("kim/small") / "snapshots" / old / "config.json").is_file()


def test_left_overs_of_a_broken_download_go_too(hub: Hub, profile: Profile, capsys: Said) -> None:
    blobs = repository_dir("kim/small") / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "abc.1234.incomplete").write_bytes(b"x" * 5000)
    file = profile("[models.one]\nsource = 'kim/small'\n")
    assert madang("remove", "one", "--yes", "--profile", str(file)) == 0
    assert "freed 4.9 KiB" in capsys.readouterr().out
    assert not repository_dir("kim/small").is_dir()


def test_an_unknown_model_names_the_nearest(profile: Profile, capsys: Said) -> None:
    for action in ("pull", "verify", "remove"):
        assert madang(action, "smal", "--profile", str(profile())) == 2
        assert "Did you mean 'small'?" in capsys.readouterr().err
