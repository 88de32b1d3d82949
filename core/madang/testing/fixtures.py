"""Fixtures for the authors of plugins, found by pytest through an entry point.

Nothing of madang is imported until a fixture is asked for: pytest loads this file before it
measures coverage, and in every project where madang is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from madang.testing import EchoBackend

PersonaFolderMaker = Callable[..., Path]

PERSONA = """\
name = "{name}"

[text.ko]
title = "{name}"
description = "시험용 페르소나"
greeting = "안녕하세요!"
samples = ["안녕?"]

[forms.chat]
kind = "chat"
history = "all"
head = "너는 {name}이다."
"""


@pytest.fixture
def echo_backend() -> EchoBackend:
    """Return a backend that answers with the question."""
    from madang.testing import EchoBackend

    return EchoBackend()


@pytest.fixture
def persona_folder(tmp_path: Path) -> PersonaFolderMaker:
    """Return what writes a persona folder: `persona_folder("parrot", toml, {"seed.txt": "…"})`.

    Name, `persona.toml` and further files are all optional; what is left out is a simple persona
    for chat models with the whole history.
    """

    def make(name: str = "parrot", toml: str = "", files: dict[str, str] | None = None) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "persona.toml").write_text(toml or PERSONA.format(name=name), encoding="utf-8")
        for file, text in (files or {}).items():
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    return make
