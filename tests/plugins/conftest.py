"""The five persona plugins, as the door for plugins gets them."""

import importlib
from collections.abc import Callable, Mapping

import pytest

from madang.contract import Exchange, Persona, PersonaSource, Prompt
from madang.persona import render

PLUGINS = ("slang_friend", "culture_qa", "assistant", "finance_advisor", "qa_generator")


def load(name: str) -> Persona:
    """Return the one persona that a plugin registers."""
    found: list[PersonaSource] = []
    importlib.import_module(f"madang_{name}").register_personas(found.append)
    (source,) = found
    return source.current()


@pytest.fixture(scope="session")
def personas() -> Mapping[str, Persona]:
    """Load every persona once."""
    return {name: load(name) for name in PLUGINS}


Ask = Callable[..., Prompt]


@pytest.fixture
def ask(personas: Mapping[str, Persona]) -> Ask:
    """Render a prompt: `ask("assistant", "seed", "first", "answer", "second")`."""

    def asked(name: str, form: str, *said: str, **options: str) -> Prompt:
        persona = personas[name]
        pairs = zip(said[:-1:2], said[1:-1:2], strict=True)
        past = [
            Exchange(turn=str(index), question=question, answer=answer)
            for index, (question, answer) in enumerate(pairs)
        ]
        return render(
            persona.forms[form],
            options={**persona.options, **options},
            exchanges=past,
            question=said[-1],
        )

    return asked
