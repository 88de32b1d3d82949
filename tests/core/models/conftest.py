"""A hub of our own, and a cache and a data folder for each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.core.models.checkpoint import HUB_FILES
from tests.standins.hub import Hub, Repository, serving

PROFILE = """\
[models.small]
source = "kim/small"
licence = "Apache-2.0"
[models.small.adapters]
poet = "kim/poet"
[models.here]
source = "./here"
licence = "CC BY-NC 4.0"
restriction = "non-commercial"
[models.remote]
backend = "openai"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from this machine's models, tokens and records."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGING", "TRANSFORMERS_", "MADANG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))
    return tmp_path


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Serve a small model and an adapter; anything that is asked for otherwise fails the test."""
    repositories = {
        "kim/small": Repository(HUB_FILES),
        "kim/poet": Repository({"adapter_config.json": b"{}", "adapter_model.safetensors": POET}),
    }
    with serving(Hub(repositories)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served
    assert served.strange == []


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], Path]:
    """Write a profile and return its file."""

    def write(text: str = PROFILE) -> Path:
        file = tmp_path / "models.toml"
        file.write_text(text, "utf-8")
        return file

    return write


POET = HUB_FILES["model-00001-of-00002.safetensors"]
