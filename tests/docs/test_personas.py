"""docs/personas.md names every key of a `persona.toml`, and its examples make personas."""

import itertools
import tomllib
from pathlib import Path

import pytest
from tests.docs.keys import Key, persona_keys
from tests.docs.markdown import blocks, read, rows

import madang
from madang import PersonaFolder
from madang.contract import Persona, PersonaSource
from madang.plugins import load_plugins

TEXT = read("personas.md")
BLOCKS = list(blocks(TEXT))
FILES = [block for block in BLOCKS if block.file]
EXAMPLES = [block for block in BLOCKS if block.language == "toml"]
CODE = [block for block in BLOCKS if block.language == "python"]
BUNDLED = rows(TEXT, "persona")

AROUND = """\
name = "somebody"
[text.ko]
title = "누구"
description = "아무나예요."
greeting = "안녕!"
samples = []
"""


def a_folder(folder: Path, text: str) -> Path:
    """Make a persona's folder of an example, with the files that the page names."""
    for block in FILES:
        (folder / block.file).write_text(block.text, "utf-8")
    whole = text if "name" in tomllib.loads(text) else f"{AROUND}{text}"
    (folder / "persona.toml").write_text(whole, "utf-8")
    return folder


def test_every_key_is_in_the_reference_with_its_type_and_default() -> None:
    documented = [Key(*row[:3]) for row in rows(TEXT, "key")]
    assert sorted(documented) == sorted(persona_keys())
    assert all(row[3] for row in rows(TEXT, "key"))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_are_personas(number: int, tmp_path: Path) -> None:
    steps = {"one_mark": lambda raw, final: raw.replace("!!", "!")}
    persona = PersonaFolder(a_folder(tmp_path, EXAMPLES[number].text), polish=steps).current()
    assert persona.forms


@pytest.mark.parametrize("number", range(len(CODE)))
def test_code_registers_a_persona(number: int, tmp_path: Path) -> None:
    found: list[PersonaSource] = []
    names = {"FOLDER": a_folder(tmp_path, EXAMPLES[-1].text)}
    exec(CODE[number].text, names)
    register = names["register_personas"]
    assert callable(register)
    register(found.append)
    assert isinstance(found[0].current(), Persona)


def test_the_step_that_is_shown_keeps_to_the_rules() -> None:
    names: dict[str, object] = {}
    exec(CODE[0].text, names)
    step = names["one_mark"]
    assert callable(step)
    raw = "왔냐!!! 반갑다! 밥은!!"
    shown = [step(raw[:end], False) for end in range(len(raw))] + [step(raw, True)]
    assert all(after.startswith(before) for before, after in itertools.pairwise(shown))


def test_bundled_personas_are_described() -> None:
    plugins = load_plugins(strict=True)
    assert sorted(row[0] for row in BUNDLED) == sorted(
        name for name in plugins.personas if _is_bundled(name)
    )
    for name, forms, polish, judge in BUNDLED:
        source = Path(madang.__file__).parents[2] / "plugins" / f"madang_{name}" / "persona.toml"
        table = tomllib.loads(source.read_text("utf-8"))["forms"]
        steps = {step for form in table.values() for step in form.get("polish", [])}
        assert forms.split(", ") == list(table)
        assert set(polish.split(", ")) == steps
        assert {judge or None} == {form.get("judge") for form in table.values()}


def _is_bundled(name: str) -> bool:
    return (Path(madang.__file__).parents[2] / "plugins" / f"madang_{name}").is_dir()
