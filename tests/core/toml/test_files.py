"""Text files are read whatever editor wrote them, and a change shows."""

import os
from pathlib import Path

import pytest

from madang.errors import PersonaError, SettingsError
from madang.toml import read_text, stamp


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes("\ufefflocale = 'en'\r\n# 한글\r\n".encode())
    assert read_text(path) == "locale = 'en'\n# 한글\n"


def test_another_encoding_is_refused_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes("locale = 'ko'\n# 한글".encode("cp949"))
    with pytest.raises(SettingsError, match=r"my\.toml:2:3: is not UTF-8") as caught:
        read_text(path)
    assert "UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("demmo.toml", "The folder holds demo.toml, small.toml."),
        ("words.txt", "The folder holds no .txt file."),
        ("nowhere/demo.toml", "There is no folder"),
    ],
)
def test_a_missing_file_names_those_that_are_there(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / "demo.toml").touch()
    (tmp_path / "small.toml").touch()
    with pytest.raises(PersonaError, match="there is no such file") as caught:
        read_text(tmp_path / name, PersonaError)
    assert str(tmp_path / name) in caught.value.message
    assert hint in caught.value.hint


def test_what_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
    with pytest.raises(SettingsError, match=r"cannot be read: .*null"):
        read_text(tmp_path / "a\0b")


def test_a_stamp_differs_after_every_kind_of_change(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    stamps = [stamp(path)]
    path.write_text("a", "utf-8")
    stamps.append(stamp(path))
    path.write_text("ab", "utf-8")
    stamps.append(stamp(path))
    os.utime(path, (1, 1))
    stamps.append(stamp(path))
    other = tmp_path / "other.toml"
    other.write_text("cd", "utf-8")
    os.utime(other, (1, 1))
    other.replace(path)
    stamps.append(stamp(path))
    assert stamps[0] is None
    assert len(set(stamps)) == 5
    assert stamp(path) == stamps[-1]
    assert stamp(tmp_path / "a\0b") is None
