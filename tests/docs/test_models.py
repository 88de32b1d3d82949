"""docs/models.md says what the commands do, and its figures are those of the code."""

import argparse
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.docs.markdown import blocks, read, rows, sections

from madang.cli.models import CARDS, arguments
from madang.inference import safetensors_header
from madang.inference.memory import GIB
from madang.models import refusals
from madang.models.facts import known_facts
from madang.models.listing import UNPROVEN
from madang.models.plan import plan
from madang.models.record import NAME
from madang.models.sizes import Shape
from madang.settings import load

TEXT = read("models.md")
COMMANDS = [
    line for block in blocks(TEXT) if not block.language for line in block.text.splitlines()
]


@pytest.fixture(autouse=True)
def without_files(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reckon as on a machine that has none of the models."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_can_be_typed(line: str) -> None:
    words = shlex.split(line)
    assert words[:2] == ["madang", "models"]
    parser = argparse.ArgumentParser()
    arguments(parser, words[2:])
    assert parser.parse_args(words[2:]).action == words[2]


def test_the_sizes_are_those_of_the_architectures() -> None:
    documented = {row[0]: row[1:] for row in rows(TEXT, "seed model")}
    assert documented == {name: _sizes(name) for name in documented}
    assert set(documented) == set(known_facts())


def _sizes(name: str) -> Sequence[str]:
    need = Shape.of(known_facts()[name].config).need
    weights = [each / GIB for each in (need.bf16, need.int8, need.nf4)]
    return [*(f"{each:.1f}" for each in weights), f"{need.kv_per_token * 1024 >> 20} MiB"]


def test_the_plans_are_those_of_the_command() -> None:
    settings = load("seeds", {}).settings
    documented = rows(TEXT, "card")
    assert [int(row[0]) for row in documented] == sorted(CARDS, reverse=True)
    for card, together, in_turn in documented:
        made = plan(settings, int(card) * GIB)
        assert together == ", ".join(need.name for need in made.together)
        assert in_turn == (", ".join(need.name for need, _ in made.in_turn) or "–")


def test_the_messages_are_those_of_the_code() -> None:
    folder = Path(refusals.__file__).parent
    code = "".join(_source(folder / f"{name}.py") for name in ("refusals", "pull"))
    code += _source(Path(safetensors_header.__file__))
    said = rows(TEXT, "what pull says")
    assert len(said) == 7
    for row in said:
        for words in row[0].split(", or "):
            assert words in code, words


def test_names_that_the_page_gives_are_those_of_the_code() -> None:
    assert UNPROVEN in re.sub(r"\s+", " ", sections(TEXT, 2)["What is not proven"])
    assert f"`{NAME}`" in TEXT


def _source(file: Path) -> str:
    """Return code with the strings that stand below each other joined."""
    return re.sub(r'"\s+f?"', "", file.read_text("utf-8"))
