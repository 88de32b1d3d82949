"""Where things lie can be chosen by environment variables."""

from pathlib import Path

import platformdirs
import pytest

import madang
from madang.settings import config_dir, data_dir, default_profile, profile_path


def test_the_data_folder_can_be_chosen(tmp_path: Path) -> None:
    assert data_dir({"MADANG_HOME": str(tmp_path)}) == tmp_path
    assert data_dir({}) == platformdirs.user_data_path("madang", False)


def test_the_default_profile_can_be_chosen() -> None:
    assert default_profile({}) == "demo"
    assert default_profile({"MADANG_PROFILE": "small"}) == "small"


def test_a_name_is_a_profile_and_anything_else_a_path() -> None:
    assert profile_path("demo") == config_dir() / "demo.toml"
    assert profile_path("./demo") == Path("demo").absolute()
    assert profile_path("demo.toml") == Path("demo.toml").absolute()
    assert profile_path(Path("demo")) == Path("demo").absolute()


def test_a_wheel_carries_the_profiles_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    monkeypatch.setattr(madang, "__file__", str(tmp_path / "__init__.py"))
    assert config_dir() == tmp_path / "config"
