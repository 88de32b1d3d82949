"""Which decoder layers are replaced whole; that they say the same is seen in test_exact."""

import pytest
import torch
from tests.core.inference.tiny import ARCHITECTURES, LAYERS, OTHERS, SIZES, Architecture
from transformers import PreTrainedModel

from madang.inference.engine.layer import Layer
from madang.inference.engine.prepare import prepare
from madang.inference.engine.rows import RowCache
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence

OURS = {"llama", "mistral", "qwen2", "qwen3"}


def made(architecture: Architecture, **settings: object) -> PreTrainedModel:
    """Make a random model of a class."""
    config = architecture.config(**{**SIZES, **LAYERS, **architecture.settings, **settings})
    torch.manual_seed(0)
    model = architecture.model(config)
    model.train(mode=False)
    return model


@pytest.mark.parametrize("architecture", (*ARCHITECTURES, *OTHERS), ids=lambda each: each.name)
def test_the_common_build_is_replaced_and_no_other(architecture: Architecture) -> None:
    model = made(architecture)
    prepare(model, {})
    replaced = [each for each in model.modules() if isinstance(each, Layer)]
    assert len(replaced) == (LAYERS["num_hidden_layers"] if architecture.name in OURS else 0)


def test_a_window_that_llama_never_reads_hides_nothing() -> None:
    llama = next(each for each in ARCHITECTURES if each.name == "llama")
    model = made(llama, sliding_window=4)
    tokens = torch.arange(3, 40)
    with torch.inference_mode():
        expected = model(input_ids=tokens[None]).logits[0, -1]
        prepare(model, {})
        runner = Runner(model, RowCache(blocks=8, size=32), slots=1, context=64)
        sequence = Sequence(tokens=tokens.tolist(), prompt_length=37, limit=60)
        [(_, logits)] = runner.logits([Chunk(sequence, 0, 37, True)])
    torch.testing.assert_close(logits.flatten(), expected, rtol=1e-4, atol=1e-4)
