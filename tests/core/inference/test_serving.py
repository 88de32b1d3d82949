"""What is started for a loaded model."""

import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from madang.contract import LoadProgress, Model
from madang.errors import UnsupportedParameter
from madang.inference import serving
from madang.inference.engine import build as building
from madang.inference.loaded import Loaded
from madang.inference.loader import load
from madang.inference.plain import PlainService


def refused(*_: object) -> None:
    raise UnsupportedParameter("Nothing is exact enough.", "Ask for less.")


def test_falling_back_to_the_plain_loop_never_holds_the_model_twice(
    checkpoints: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    made: list[weakref.ref[Any]] = []

    def watched(name: str, table: Model, progress: LoadProgress) -> Loaded:
        held.append(sum(model() is not None for model in made))
        loaded = load(name, table, progress)
        made.append(weakref.ref(loaded.model))
        return loaded

    monkeypatch.setattr(serving, "load", watched)
    monkeypatch.setattr(building, "build", refused)
    table = Model(source=str(checkpoints["llama"]), dtype="float32", engine="auto")
    with ThreadPoolExecutor(1) as thread:
        _, service = serving.serve("tiny", table, thread, lambda _: None)
    assert isinstance(service, PlainService)
    assert held == [0, 0]
