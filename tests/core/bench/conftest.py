"""A tiny model for all tests of the benches, made once a run."""

from collections.abc import Iterator

import pytest
import torch
from transformers.utils import logging

from madang.bench.engine.checkpoint import make
from madang.bench.engine.plan import Plan


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    level = logging.get_verbosity()
    yield
    logging.set_verbosity(level)


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Give a small plan in fp32, whose model is there already."""
    kept = tmp_path_factory.mktemp("bench")
    found = Plan(
        shape="tiny",
        requests=6,
        new_tokens=12,
        dtype="float32",
        rounds=2,
        threads=1,
        keep=kept,
    )
    with found.folder() as folder:
        make(found.sizes, found.dtype, folder)
    return found
