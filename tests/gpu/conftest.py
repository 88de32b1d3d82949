"""What a person with a GPU runs by `make gpu`; nothing here runs without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.core.inference.conftest import Checkpoints


@pytest.fixture(autouse=True)
def on_gpu() -> Iterator[None]:
    """Skip where there is no GPU, and leave nothing of a test in its memory."""
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    yield
    torch.cuda.synchronize()
    torch.cuda.empty_cache()


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the folder of each tiny architecture by name, and of its adapters by NAME-1, NAME-2."""
    return Checkpoints(tmp_path_factory.mktemp("tiny"))
