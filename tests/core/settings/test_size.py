"""Amounts of memory as they are written in a profile."""

from pathlib import Path

import pytest

from madang.errors import SettingsError
from madang.settings import load, size_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("20GiB", 20 * 2**30), ("1.5 GiB", 3 * 2**29), ("900MiB", 900 * 2**20), ("1TiB", 2**40)],
)
def test_a_size_is_a_number_with_a_unit(text: str, size: int) -> None:
    assert size_of(text) == size


ODD = ["", "20", "GiB", "20 GB", "-1GiB", "0GiB", "20GiB more", "9" * 400 + "GiB"]


@pytest.mark.parametrize("text", ODD)
def test_anything_else_is_none(text: str) -> None:
    assert size_of(text) is None


def test_a_profile_with_a_wrong_size_is_refused_by_name(tmp_path: Path) -> None:
    profile = tmp_path / "my.toml"
    profile.write_text("[pool]\nmemory = '20 GB'\n", "utf-8")
    with pytest.raises(SettingsError, match=r"pool\.memory: '20 GB' is no size") as caught:
        load(profile, {})
    assert "20GiB" in caught.value.hint
    assert str(profile) in caught.value.message
    assert load(profile, {"MADANG__POOL__MEMORY": "20GiB"}).settings.pool.memory == "20GiB"
