"""Profiles for a process that is watched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from madang.setup import Setup, prepare

PROFILE = """\
persona = "assistant"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
form = "general"
"""

SetupMaker = Callable[..., Setup]


@pytest.fixture
def a_setup(tmp_path: Path) -> SetupMaker:
    """Return what writes a profile with more tables and reads it."""

    def make(more: str = "", environ: dict[str, str] | None = None) -> Setup:
        path = tmp_path / "my.toml"
        path.write_text(PROFILE + more, "utf-8")
        return prepare(path, {"MADANG_HOME": str(tmp_path), **(environ or {})})

    return make
