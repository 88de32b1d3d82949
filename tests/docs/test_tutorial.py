"""docs/first-persona.md is followed to the letter: every file is written, every command run."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.docs.markdown import Block, blocks, read

from madang.settings import load

TEXT = read("first-persona.md")
PIP = "python -m pip install --no-deps --no-build-isolation --quiet --target"


class Newcomer:
    """Follow a tutorial in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "yard"
        self.installed = folder / "installed"
        self.folder.mkdir()
        self.environ = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(self.installed),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "HOME": str(folder),
            "MADANG_HOME": str(folder / "data"),
        }

    def follow(self, block: Block) -> None:
        """Write the file of a block, or type its commands and compare what they print."""
        if block.language == "console":
            for command, expected in commands(block.text):
                printed = self.run(command)
                assert matches(printed, expected), f"line {block.line}: {command}\n{printed}"
        elif block.file:
            self.write(block)

    def write(self, block: Block) -> None:
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = f"{path.read_text('utf-8')}\n" if block.adds else ""
        path.write_text(before + block.text, "utf-8")

    def run(self, command: str) -> str:
        # An own folder instead of the environment that runs the tests, and no network.
        target = shlex.quote(str(self.installed))
        command = command.replace("pip install", f"{PIP} {target}")
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        return "" if "pytest" in command and done.returncode == 0 else done.stdout


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Pair each line after a `$` with the lines that it prints."""
    for part in text.removeprefix("$ ").split("\n$ "):
        command, _, output = part.partition("\n")
        yield command, f"{output.rstrip()}\n" if output.strip() else ""


def matches(printed: str, expected: str) -> bool:
    """Say whether a command printed what the tutorial shows; `…` leaves out the rest of a line."""
    pattern = re.escape(expected).replace("…", ".*")
    return re.fullmatch(pattern, printed) is not None


def test_tutorial(tmp_path: Path) -> None:
    newcomer = Newcomer(tmp_path)
    for block in blocks(TEXT):
        newcomer.follow(block)
    assert load(newcomer.folder / "my.toml", newcomer.environ).settings.models["small"].source
