"""Where weights come from."""

from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.inference import source


def test_a_folder_is_itself(tmp_path: Path) -> None:
    assert source.folder(str(tmp_path)) == tmp_path


def test_a_package_carries_weights() -> None:
    found = source.folder("package:madang/contract")
    assert (found / "turn.py").is_file()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("package:madang_nobody/x", "no Python package 'madang_nobody'"),
        ("package:madang/nowhere", "has no folder 'nowhere'"),
        ("/nowhere/at/all", "no folder '/nowhere/at/all'"),
        ("../nowhere", "no folder '../nowhere'"),
        ("", "no folder ''"),
    ],
)
def test_what_is_not_there_is_named(name: str, message: str) -> None:
    with pytest.raises(ModelNotLoaded, match=message):
        source.folder(name)


def test_a_hub_repository_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def download(name: str, *, revision: str | None, **_: list[str]) -> str:
        asked.extend([name, revision])
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert source.folder("owner/name", "main") == tmp_path
    assert asked == ["owner/name", "main"]


@pytest.mark.parametrize(
    ("settings", "patterns"),
    [
        ({}, [source.FILES]),
        ({"trust_remote_code": True}, [[*source.FILES, "*.py"]]),
        ({"allow_pickle": True}, [source.FILES, [*source.FILES, "*.bin"]]),
    ],
)
def test_code_and_pickles_are_fetched_only_where_the_table_trusts_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, bool],
    patterns: list[list[str]],
) -> None:
    asked: list[list[str]] = []

    def download(name: str, *, allow_patterns: list[str], **_: object) -> str:
        asked.append(allow_patterns)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    source.checkpoint_folder("owner/name", "", Model(**settings))  # type: ignore[arg-type]
    assert asked == patterns
    (tmp_path / "model.safetensors").touch()
    source.checkpoint_folder("owner/name", "", Model(**settings))  # type: ignore[arg-type]
    assert asked[len(patterns) :] == patterns[:1]


def test_without_a_network_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise LocalEntryNotFoundError("Cannot find an appropriate cached snapshot folder\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ModelNotLoaded, match=r"'owner/name' is not on this machine.*\n.*network"):
        source.folder("owner/name")
