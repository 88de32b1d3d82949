"""The whole way, as processes: fetch, then verify and answer with the network switched off."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.core.models.checkpoint import FACTS, save, save_adapter
from tests.standins.hub import Hub, Repository

PROFILE = """\
[models.tiny]
source = "kim/stand-in"
revision = "main"
tokenizer = "kim/words"
[models.tiny.adapters]
poet = "kim/poet@main"
"""
WORDS = ("tokenizer.json", "tokenizer_config.json")


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_was_pulled_is_served_without_a_network(
    hub: Hub, tmp_path: Path, profile: Callable[[str], Path]
) -> None:
    whole = files_of(save(tmp_path / "weights"))
    without_words = {name: data for name, data in whole.items() if name not in WORDS}
    adapter = files_of(save_adapter(tmp_path / "adapter"))
    hub.repositories |= {
        "kim/stand-in": Repository(without_words),
        "kim/words": Repository(whole),
        "kim/poet": Repository(adapter),
    }
    file = profile(PROFILE)
    facts = tmp_path / "facts.toml"
    facts.write_text(FACTS.replace("./adapter", "kim/poet"), "utf-8")

    def madang(*words: str, **environ: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "madang.cli", "models", *words, "--profile", str(file)],
            env={**os.environ, "HF_ENDPOINT": hub.url, **environ},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "adapter poet of model 'tiny': fetched" in madang("pull")
    hub.requests.clear()
    offline = {"HF_HUB_OFFLINE": "1"}
    assert "tokenizer of model 'tiny': was here" in madang("pull", **offline)
    said = madang("verify", "--generate", "--facts", str(facts), **offline)
    assert "answer: !!! (length)" in said
    assert "tiny: verified" in said
    assert "with answers generated" in madang("list", **offline)
    assert hub.requests == []
