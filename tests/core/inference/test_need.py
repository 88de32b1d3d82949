"""What a model will take, told before anything of it is loaded."""

import sys
from pathlib import Path

import pytest
from tests.core.inference import tiny

from madang.contract import Model
from madang.errors import MissingPackage, ModelNotLoaded
from madang.inference import need
from madang.inference.loader import load
from madang.inference.memory import GIB
from madang.inference.need import bytes_needed, cache_tokens, free_for_models


def table(checkpoints: dict[str, Path], **settings: object) -> Model:
    whole = {"source": str(checkpoints["llama"]), "dtype": "float32", **settings}
    return Model(**whole)  # type: ignore[arg-type]


def test_it_covers_what_the_loaded_model_holds(checkpoints: dict[str, Path]) -> None:
    model = table(checkpoints, adapters={name: str(checkpoints[f"llama-{name}"]) for name in "12"})
    needed = bytes_needed("tiny", model)
    loaded = load("tiny", model, lambda done: None)
    held = sum(weights.nbytes for weights in loaded.model.parameters())
    cache = 4 * tiny.CONTEXT * 16 * 2 * 64  # 16 contexts, twice: 2 layers, 32 numbers, fp32
    assert held < needed - cache < 3 * held


def test_context_dtype_and_adapters_count(checkpoints: dict[str, Path]) -> None:
    plain = bytes_needed("tiny", table(checkpoints))
    assert bytes_needed("tiny", table(checkpoints, context=64)) < plain
    assert bytes_needed("tiny", table(checkpoints, dtype="bfloat16")) == plain // 2
    adapters = {"1": str(checkpoints["llama-1"])}
    assert bytes_needed("tiny", table(checkpoints, adapters=adapters)) > plain
    # On a CPU `auto` is fp32 for a model as small as this one.
    assert bytes_needed("tiny", table(checkpoints, dtype="auto")) in (plain, plain // 2)


def test_one_that_is_too_big_is_told_what_would_fit(checkpoints: dict[str, Path]) -> None:
    model = table(checkpoints)
    whole = bytes_needed("tiny", model)
    assert bytes_needed("tiny", model, whole) == whole
    assert bytes_needed("tiny", model, whole // 2) <= whole // 2  # with a smaller cache
    with pytest.raises(ModelNotLoaded) as caught:
        bytes_needed("tiny", model, 400_000)
    assert "model 'tiny' needs 0." in caught.value.message
    assert "the room for models has 0." in caught.value.message
    assert 'What would fit: dtype = "bfloat16"' in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "context", "room", "tokens"),
    [
        ({}, 8192, None, 32768),  # sixteen requests of 2,048
        ({}, 512, None, 8192),
        ({"slots": 2}, 8192, None, 8192),
        ({"engine": "plain"}, 512, None, 512),
        ({"cache_tokens": 9000}, 8192, 0, 9000),
        ({"cache_tokens": 9000}, 16384, None, 16384),
        ({}, 8192, 10_000 * 10, 10_000),
        ({}, 8192, 0, 8192),
    ],
)
def test_the_cache_holds_several_requests_where_there_is_room(
    settings: dict[str, object], context: int, room: int | None, tokens: int
) -> None:
    model = Model(**settings)  # type: ignore[arg-type]
    assert cache_tokens(model, context, each=10, weights=GIB, room=room) == tokens


def test_the_cache_stays_small_beside_the_weights() -> None:
    assert cache_tokens(Model(), 2048, each=2**16, weights=2**30) == 2**13
    assert cache_tokens(Model(), 2048, each=2**16, weights=400_000) == 2048
    assert cache_tokens(Model(), 2048, each=0, weights=400_000) == 2048


def test_what_is_missing_is_said_before_anybody_has_to_leave(checkpoints: dict[str, Path]) -> None:
    with pytest.raises(ModelNotLoaded, match="/nowhere"):
        bytes_needed("tiny", table(checkpoints, source="/nowhere"))


@pytest.mark.parametrize(
    ("free", "granted"), [(80 * GIB, 79 * GIB), (5 * GIB, int(4.5 * GIB)), (None, None)]
)
def test_a_margin_stays_free(
    monkeypatch: pytest.MonkeyPatch, free: int | None, granted: int | None
) -> None:
    monkeypatch.setattr(need, "free_bytes", lambda device: free)
    assert free_for_models() == granted


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingPackage, match="torch"):
        free_for_models()
