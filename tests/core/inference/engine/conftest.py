"""Real models beside what is to be compared with them, each made once a run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.core.inference.engine.rig import Reference, loaded

from madang.inference.loaded import Loaded

Pair = tuple[Reference, Loaded]


class Pairs(dict[str, Pair]):
    """Make a pair when its architecture is first asked for."""

    def __init__(self, checkpoints: dict[str, Path]) -> None:
        self._checkpoints = checkpoints

    def __missing__(self, key: str) -> Pair:
        adapters = {name: self._checkpoints[f"{key}-{name}"] for name in "12"}
        base = self._checkpoints[key]
        pair = self[key] = Reference(base, adapters), loaded(base, adapters)
        return pair


@pytest.fixture(scope="session")
def pairs(checkpoints: dict[str, Path]) -> dict[str, Pair]:
    """Give each architecture as transformers and PEFT serve it, and as prepared for the engine."""
    return Pairs(checkpoints)


@pytest.fixture
def fresh(checkpoints: dict[str, Path]) -> Callable[[str], Loaded]:
    """Give a function that prepares a model which the test may spoil."""

    def make(name: str) -> Loaded:
        adapters = {each: checkpoints[f"{name}-{each}"] for each in "12"}
        return loaded(checkpoints[name], adapters)

    return make
