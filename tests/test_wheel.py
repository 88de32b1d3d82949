"""The wheel by itself: installed where there is no checkout, with a stranger's wheel beside it."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

STRANGER = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "madang-stranger"
version = "1.0"
[project.entry-points.madang]
stranger = "madang_stranger"
[tool.hatch.build.targets.wheel]
packages = ["madang_stranger"]
""",
    "madang_stranger/__init__.py": """\
import madang


@madang.hookimpl
def register_personas(register):
    register(madang.PersonaFolder.of(__package__))
""",
    "madang_stranger/persona.toml": """\
name = "stranger"
[text.ko]
title = "나그네"
description = "지나가던 사람"
greeting = "안녕하세요."
samples = ["어디서 왔어요?"]
[forms.plain]
kind = "completion"
question = "묻기: {question}"
""",
}

PROFILE = """\
persona = "stranger"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
"""


def build(folder: Path, out: Path) -> Path:
    """Build a wheel without the network."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, folder],
        check=True,
        capture_output=True,
    )
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the two wheels; only their dependencies are shared with ours."""
    folder = tmp_path_factory.mktemp("wheel")
    stranger = folder / "stranger"
    for name, text in STRANGER.items():
        path = stranger / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    wheels = [build(ROOT, folder / "ours"), build(stranger, folder / "theirs")]
    venv.create(folder / "env", with_pip=True)
    found = folder / "env" / "bin" / "python"
    subprocess.run(
        [found, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", *wheels], check=True
    )
    # A path in a .pth file does not have its own .pth files read: our checkout stays out.
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "shared.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return found


def madang(python: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run madang away from the checkout."""
    environment = {**os.environ, "MADANG_HOME": str(python.parent / "home")}
    return subprocess.run(
        [python, "-m", "madang.cli", *arguments],
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=python.parent,
        env=environment,
    )


def test_the_wheel_answers_on_the_demo_model(python: Path) -> None:
    done = madang(
        python,
        "chat",
        "--persona",
        "finance_advisor",
        said="중앙은행의 역할에 대해서 설명해줄래?\n",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("finance_advisor: ")
    assert "중앙은행" in done.stdout


def test_a_strangers_wheel_talks(python: Path, tmp_path: Path) -> None:
    profile = tmp_path / "stranger.toml"
    profile.write_text(PROFILE, "utf-8")
    done = madang(python, "chat", "--profile", str(profile), said="누구세요?\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "stranger: 누구세요?"


def test_the_wheel_is_not_the_checkout(python: Path) -> None:
    where = subprocess.run(
        [python, "-c", "import madang; print(madang.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=python.parent,
    )
    assert str(python.parent.parent) in where.stdout
