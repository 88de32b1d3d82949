"""The fixtures that pytest finds in every project with madang."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from madang.persona import PersonaFolder
from madang.testing import EchoBackend


def test_the_fixtures_import_nothing_of_madang_by_themselves() -> None:
    code = (
        "import sys, madang.testing.fixtures;"
        "heavy = {'torch', 'madang.worker', 'madang.queue'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_echo_backend_is_at_hand(echo_backend: EchoBackend) -> None:
    assert not echo_backend.loaded


def test_a_persona_folder_is_written_whole(persona_folder: Callable[..., Path]) -> None:
    persona = PersonaFolder(persona_folder("parrot")).current()
    assert persona.name == "parrot"
    assert set(persona.forms) == {"chat"}


def test_a_persona_folder_takes_files(persona_folder: Callable[..., Path]) -> None:
    folder = persona_folder("other", 'name = "other"', {"seed.txt": "{question}"})
    assert (folder / "seed.txt").read_text(encoding="utf-8") == "{question}"
    assert (folder / "persona.toml").read_text(encoding="utf-8") == 'name = "other"'
