"""The trainer, on a plan of seconds: what it writes is a model like any other."""

from pathlib import Path

import pytest

from madang.contract import Model, Part, Prompt, Request, Sampling, Segment
from madang.demo.corpus import PERSONAS
from madang.demo.train import QUICK, train
from madang.inference.local import LocalBackend

# PEFT asks transformers for a name that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train once for all tests."""
    folder = tmp_path_factory.mktemp("trained")
    train(folder, QUICK)
    return folder


def test_a_quick_training_gives_a_base_and_an_adapter_a_persona(trained: Path) -> None:
    assert (trained / "model" / "model.safetensors").is_file()
    for persona in PERSONAS:
        config = (trained / "adapters" / persona / "adapter_config.json").read_text("utf-8")
        assert str(trained) not in config


async def test_what_was_trained_loads_and_generates(trained: Path) -> None:
    model = Model(
        source=str(trained / "model"),
        adapters={name: str(trained / "adapters" / name) for name in PERSONAS},
    )
    backend = LocalBackend("trained", model)
    question = Segment(kind="tail", role="user", parts=(Part("안녕", quoted=True),))
    request = Request(
        id="1",
        nonce="1",
        conversation="1",
        user="1",
        model="trained",
        adapter=PERSONAS[0],
        prompt=Prompt("chat", (question,)),
        sampling=Sampling(max_new_tokens=4),
        deadline=0.0,
    )
    outputs = [output async for output in backend.generate(request)]
    await backend.close()
    assert outputs[-1].reason in ("stop", "length")
