"""Tiny checkpoints, made once a run, and backends that are closed after each test."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import torch
from tests.core.inference import published, tiny
from transformers.utils import logging

from madang.contract import Model
from madang.inference import LocalBackend

MakeBackend = Callable[..., LocalBackend]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


class Checkpoints(dict[str, Path]):
    """Make a checkpoint when it is first asked for, by architecture or NAME-1 for an adapter."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = {each.name: each for each in (*tiny.ARCHITECTURES, *tiny.OTHERS)}

    def __missing__(self, key: str) -> Path:
        name, _, seed = key.partition("-")
        folder, architecture = self._root / key, self._known[name]
        self[key] = (
            tiny.adapter(folder, self[name], architecture, int(seed))
            if seed
            else tiny.checkpoint(folder, architecture)
        )
        return folder


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the folder of each architecture by name, and of its adapters by NAME-1 and NAME-2."""
    return Checkpoints(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def as_published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the seeds' bases as they are published by name, and of each its adapter as NAME-a.

    `twin` and `twin-a` are what `exaone` and its adapter are under Llama's names.
    """
    return published.publish(tmp_path_factory.mktemp("published"))


@pytest_asyncio.fixture
async def make_backend(checkpoints: dict[str, Path]) -> AsyncIterator[MakeBackend]:
    """Give a function that makes the backend of a tiny checkpoint, with two adapters in fp32."""
    made: list[LocalBackend] = []

    def make(architecture: str = "llama", **settings: object) -> LocalBackend:
        table = {
            "source": str(checkpoints[architecture]),
            "adapters": {name: str(checkpoints[f"{architecture}-{name}"]) for name in "12"},
            "dtype": "float32",
        }
        made.append(LocalBackend("tiny", Model(**{**table, **settings})))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for backend in made:
        await backend.close()
