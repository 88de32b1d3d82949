"""The rules of the house: who may import whom, and what starting must not cost."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "core" / "madang"
HEAVY = ("torch", "transformers", "peft", "safetensors", "tokenizers", "huggingface_hub")
SHELVES = ("plugins", "bots")

# What a part of core may import of core, besides itself; the rest is for the top.
BOTTOM = {"contract", "errors", "hookspecs", "marks", "texts", "toml", "window"}
MAY_IMPORT = {
    "contract": {"contract", "yard"},
    "errors": set(),
    "toml": {"errors"},
    "settings": {*BOTTOM},
    "persona": {*BOTTOM},
    "queue": {*BOTTOM},
    "inference": {*BOTTOM},
    "openai": {*BOTTOM, "inference"},
    "store": {*BOTTOM},
    "worker": {*BOTTOM},
    "filters": {*BOTTOM, "settings"},
    "models": {*BOTTOM, "settings", "inference"},
    "conversation": {*BOTTOM, "settings", "persona", "filters"},
    "delivery": set(),
    "generating": {*BOTTOM, "settings", "filters", "conversation", "delivery", "yard"},
}


# The client of the hub is for fetching and removing; the tokenizer's type is for the checker only.
MAY_NAME = {
    "models/hub.py": {"huggingface_hub"},
    "models/refusals.py": {"huggingface_hub"},
    "models/checks/tokenizer.py": {"transformers"},
}


def imports_of(path: Path) -> Iterator[str]:
    """List the modules that a file imports, at the top or inside."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("shelf", SHELVES)
def test_core_imports_neither_plugins_nor_bots(shelf: str) -> None:
    packages = {path.name for path in (ROOT / shelf).iterdir() if path.is_dir()}
    found = {
        f"{path}: {name}"
        for path in CORE.rglob("*.py")
        for name in imports_of(path)
        if name.partition(".")[0] in packages
    }
    assert found == set()


@pytest.mark.parametrize("shelf", SHELVES)
def test_plugins_and_bots_import_only_core_and_themselves(shelf: str) -> None:
    for package in (ROOT / shelf).iterdir():
        for path in package.rglob("*.py"):
            ours = {name.partition(".")[0] for name in imports_of(path) if "madang" in name}
            assert ours <= {"madang", package.name}, path


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_the_parts_of_core_import_downhill(part: str) -> None:
    places = [CORE / f"{part}.py", *(CORE / part).rglob("*.py")]
    for path in filter(Path.is_file, places):
        for name in imports_of(path):
            if name.startswith("madang."):
                assert name.split(".")[1] in MAY_IMPORT[part] | {part}, f"{path}: {name}"


def test_torch_is_named_only_by_inference_and_the_demo_trainer() -> None:
    for path in CORE.rglob("*.py"):
        # The bench of the engine loads its peers, each in a process of its own.
        if any(path.is_relative_to(CORE / part) for part in ("inference", "demo", "bench/engine")):
            continue
        heavy = {name.partition(".")[0] for name in imports_of(path)} & set(HEAVY)
        assert heavy <= MAY_NAME.get(str(path.relative_to(CORE)), set()), path


@pytest.mark.parametrize(
    "code",
    [
        "import madang, madang.testing, madang.inference, madang.yard, madang.worker",
        "import madang.openai",
        "import madang_terminal",
        "import madang_discord",
        "import madang_telegram",
        "from madang.setup import prepare; s = prepare('demo', {}); s.backends(); s.personas()",
        "from madang.cli import main; main(['personas'])",
        "from madang.cli import main; main(['models', 'list']); main(['models', 'plan'])",
    ],
)
def test_start_up_leaves_torch_alone(code: str) -> None:
    check = (
        f"{code}\nimport sys\nheavy = {HEAVY!r}\nassert not [m for m in heavy if m in sys.modules]"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
