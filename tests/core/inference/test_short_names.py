"""PEFT looks for an adapter's name anywhere in a key, so that "y" is found in "layers"."""

import pytest

from madang.contract import Model
from madang.inference.local import LocalBackend


@pytest.mark.parametrize(
    "names", [("x", "y"), ("assistant", "model"), ("model", "base_model"), ("weight", "lora_A")]
)
async def test_a_second_adapter_may_have_any_name(names: tuple[str, str]) -> None:
    sources = (
        "package:madang/demo/adapters/assistant",
        "package:madang/demo/adapters/slang_friend",
    )
    backend = LocalBackend(
        "demo",
        Model(source="package:madang/demo/model", adapters=dict(zip(names, sources, strict=True))),
    )
    try:
        await backend.load(lambda done: None)
    finally:
        await backend.close()
