"""Some hundred random requests; `make soak` sends thousands."""

import pytest
from tests.core.inference import soaking
from tests.core.inference.conftest import MakeBackend
from tests.core.inference.engine.conftest import Pairs
from tests.core.inference.engine.conftest import pairs as pairs


@pytest.mark.parametrize("ahead", [0, 1])
def test_the_engine_forgets_everybody(pairs: Pairs, ahead: int) -> None:
    rig = soaking.soak_engine(*pairs["llama"], 250, ahead=ahead)
    metrics = rig.engine.metrics
    assert metrics.preemptions and metrics.cached_tokens and metrics.mixed_steps


async def test_the_backend_forgets_everybody(make_backend: MakeBackend) -> None:
    backend = make_backend(cache_tokens=256, slots=9)
    await soaking.soak_backend(backend, 60, seed=1)
    before = soaking.tensors()
    await soaking.soak_backend(backend, 120, seed=2)
    soaking.check_empty(backend)
    assert soaking.tensors() <= before + 20
    assert backend.metrics.preemptions
