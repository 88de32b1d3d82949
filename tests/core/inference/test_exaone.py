"""EXAONE under its own names: what is caught when they are wrong, and what cannot be."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from safetensors.torch import load_file
from tests.core.inference.published import EXAONE, Weights, edit, rewrite
from tests.core.inference.test_published import logits, read
from transformers import CONFIG_MAPPING

from madang.errors import ModelNotLoaded
from madang.inference.exaone import register_exaone, rename_targets


@pytest.fixture
def exaone(as_published: dict[str, Path], tmp_path: Path) -> Path:
    """Give a copy of the checkpoint, to be spoilt."""
    return Path(shutil.copytree(as_published["exaone"], tmp_path / "exaone"))


def gap(folder: Path, twin: Path) -> float:
    """Return how far the logits are from the twin's, against the twin's own spread."""
    ours, theirs = (logits(read(path, dtype="float32")) for path in (folder, twin))
    return float((ours - theirs).abs().max() / theirs.std())


def test_it_is_registered_once() -> None:
    register_exaone()
    known = CONFIG_MAPPING["exaone"]
    register_exaone()
    register_exaone.__wrapped__()  # as where transformers knows it already
    assert CONFIG_MAPPING["exaone"] is known


def test_what_is_saved_again_has_its_own_names_and_the_same_weights(
    exaone: Path, as_published: dict[str, Path], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    loaded = read(exaone, dtype="float32")
    loaded.model.save_pretrained(again)
    loaded.tokenizer.save_pretrained(again)
    assert set(load_file(again / "model.safetensors")) == set(EXAONE.values())
    assert gap(again, as_published["twin"]) == 0


def test_llama_s_names_are_read_too(exaone: Path, as_published: dict[str, Path]) -> None:
    shutil.copy(as_published["twin"] / "model.safetensors", exaone)
    assert gap(exaone, as_published["twin"]) == 0


@pytest.mark.parametrize("key", ["transformer.wte.weight", "transformer.h.1.mlp.c_fc_1.weight"])
def test_a_missing_key_is_named(exaone: Path, key: str) -> None:
    rewrite(exaone / "model.safetensors", lambda weights: weights.pop(key))
    new = next(new for new, old in EXAONE.items() if old == key)
    with pytest.raises(ModelNotLoaded, match=f"missing {new}"):
        read(exaone)


def test_names_that_were_saved_by_a_catch_all_renaming_are_refused(exaone: Path) -> None:
    def prefix(weights: Weights) -> None:
        for key in list(weights):
            weights[f"transformer.{key}"] = weights.pop(key)

    rewrite(exaone / "model.safetensors", prefix)
    with pytest.raises(ModelNotLoaded, match=r"missing lm_head.weight, .*; unexpected "):
        read(exaone)


def test_an_adapter_with_other_names_is_refused(
    exaone: Path, as_published: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(as_published["exaone-a"], tmp_path / "a"))
    edit(folder / "adapter_config.json", lambda config: config.update(target_modules=["q_proj"]))
    with pytest.raises(ModelNotLoaded, match=r"unexpected .*mlp\.gate_proj"):
        read(exaone, adapters={"a": str(folder)})


def test_every_name_in_an_adapter_s_config_is_renamed() -> None:
    config: Any = LoraConfig(
        target_modules=["q_proj", "transformer.h.1.attn.attention.out_proj"],
        exclude_modules=["c_fc_1"],
        modules_to_save=["wte", "lm_head"],
        layers_pattern=["h"],
        layers_to_transform=[0, 1],
        rank_pattern={"c_fc_0": 8},
        alpha_pattern={"c_proj": 16},
    )
    rename_targets(config)
    assert config.target_modules == {"q_proj", "model.layers.1.self_attn.o_proj"}
    assert config.exclude_modules == {"up_proj"}
    assert config.modules_to_save == ["embed_tokens", "lm_head"]
    assert (config.layers_pattern, config.layers_to_transform) == (["layers"], [0, 1])
    assert (config.rank_pattern, config.alpha_pattern) == ({"gate_proj": 8}, {"down_proj": 16})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rope_type": "spiral"}, "scales positions by 'spiral'"),
        ({"factor": None}, "factor"),
    ],
)
def test_a_scaling_that_nobody_knows_is_refused(
    exaone: Path, change: dict[str, Any], reason: str
) -> None:
    def spoil(config: dict[str, Any]) -> None:
        rope = config["rope_scaling"] | change
        config["rope_scaling"] = {key: value for key, value in rope.items() if value is not None}

    edit(exaone / "config.json", spoil)
    with pytest.raises(ModelNotLoaded, match=reason):
        read(exaone)


def change_theta(folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.update(rope_theta=10000))


def drop_scaling(folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.pop("rope_scaling"))


def change_factor(folder: Path) -> None:
    edit(folder / "config.json", lambda config: config["rope_scaling"].update(factor=2.0))


def swap_gate_and_up(folder: Path) -> None:
    def swap(weights: Weights) -> None:
        gate, up = (f"transformer.h.0.mlp.c_fc_{number}.weight" for number in (0, 1))
        weights[gate], weights[up] = weights[up].clone(), weights[gate].clone()

    rewrite(folder / "model.safetensors", swap)


@pytest.mark.parametrize(
    "spoil",
    [change_theta, drop_scaling, change_factor, swap_gate_and_up],
    ids=lambda one: one.__name__,
)
def test_what_fits_but_is_wrong_shows_in_the_logits_alone(
    exaone: Path, as_published: dict[str, Path], spoil: Callable[[Path], None]
) -> None:
    """No check of names and shapes sees these; only what the model says does."""
    assert gap(exaone, as_published["twin"]) == 0
    spoil(exaone)
    assert gap(exaone, as_published["twin"]) > 1e-3


def test_numbers_of_the_config_reach_the_model(exaone: Path) -> None:
    stated = json.loads((exaone / "config.json").read_text())
    config: Any = read(exaone).model.config
    assert config.num_hidden_layers == config.num_layers == stated["num_layers"]
    assert config.rms_norm_eps == config.layer_norm_epsilon == stated["layer_norm_epsilon"]
    assert config.hidden_act == stated["activation_function"]
    rope = {**stated["rope_scaling"], "rope_theta": stated["rope_theta"]}
    assert config.rope_parameters == rope


def test_a_silent_config_takes_exaone_s_epsilon(exaone: Path) -> None:
    edit(exaone / "config.json", lambda config: config.pop("layer_norm_epsilon"))
    assert read(exaone).model.config.rms_norm_eps == 1e-5


def test_the_dtype_of_the_table_holds_for_an_fp32_checkpoint(
    as_published: dict[str, Path],
) -> None:
    loaded = read(as_published["mistral"], dtype="bfloat16")
    assert {weights.dtype for weights in loaded.model.parameters()} == {torch.bfloat16}
