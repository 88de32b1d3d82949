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


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the folder of each architecture by name, and of its adapters by NAME-1 and NAME-2."""
    root = tmp_path_factory.mktemp("tiny")
    folders: dict[str, Path] = {}
    for architecture in tiny.ARCHITECTURES:
        name = architecture.name
        base = folders[name] = tiny.checkpoint(root / name, architecture)
        for seed in (1, 2):
            folder = root / f"{name}-{seed}"
            folders[folder.name] = tiny.adapter(folder, base, architecture, seed)
    return folders


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
