"""Sizes: the table of the architectures, and that headers come to the same."""

from pathlib import Path

import pytest
from tests.core.models.checkpoint import CONFIG, save

from madang.inference.memory import GIB, measure
from madang.models.facts import known_facts
from madang.models.sizes import Shape

# Weights in GiB as bf16, int8 and nf4, and MiB of KV cache for 1,024 tokens.
TABLE = {
    "slang": (14.6, 8.1, 4.9, 128),
    "culture": (13.5, 7.0, 3.8, 128),
    "assistant": (15.0, 8.5, 5.3, 128),
    "genstruct": (15.0, 8.5, 5.3, 128),
    "finance": (11.0, 5.7, 3.2, 448),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_architectures_come_to_the_published_sizes(name: str) -> None:
    need = Shape.of(known_facts()[name].config).need
    sizes = [size / GIB for size in (need.bf16, need.int8, need.nf4)]
    assert tuple(round(size, 1) for size in sizes) == TABLE[name][:3]
    assert need.kv_per_token * 1024 >> 20 == TABLE[name][3]


def test_headers_count_as_the_architecture_does(tmp_path: Path) -> None:
    measured = measure("stand-in", save(tmp_path / "model"))
    computed = Shape.of(CONFIG).need
    for name in ("matrices", "others", "rows", "fixed", "kv_numbers", "context"):
        assert getattr(measured, name) == getattr(computed, name), name


def test_an_adapter_is_reckoned_from_rank_and_targets() -> None:
    shape = Shape.of(known_facts()["finance"].config)
    # 28 layers, rank 16, 4,096 in and 12,288 out.
    assert shape.adapter_numbers(16, ["query_key_value"]) == 28 * 16 * (4096 + 12288)


def test_a_config_without_numbers_names_the_first_one() -> None:
    with pytest.raises(ValueError, match="no hidden_size"):
        Shape.of({})
