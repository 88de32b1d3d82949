"""Good and bad checkpoints."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.core.inference import tiny

from madang.contract import Model, SpecialIds
from madang.errors import MissingPackage, ModelNotLoaded
from madang.inference.loaded import Loaded
from madang.inference.loader import load

Weights = dict[str, torch.Tensor]


@pytest.fixture
def copied(checkpoints: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that copies a checkpoint or an adapter, to be spoilt."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(checkpoints[name], tmp_path / name))

    return copy


def read(source: Path | str, **settings: object) -> Loaded:
    model = Model(source=str(source), **settings)  # type: ignore[arg-type]
    loaded = load("tiny", model, lambda done: None)
    for adapter in model.adapters:
        loaded.adapters.check(adapter)
    return loaded


def rewrite(file: Path, change: Callable[[Weights], None]) -> None:
    weights = load_file(file)
    change(weights)
    save_file(weights, file, metadata={"format": "pt"})


def rename(weights: Weights) -> None:
    weights["model.norme.weight"] = weights.pop("model.norm.weight")


def test_missing_and_unexpected_weights_are_named(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    rewrite(folder / "model.safetensors", rename)
    with pytest.raises(ModelNotLoaded, match=r"missing model.norm.weight; unexpected .*norme"):
        read(folder)


def test_weights_of_another_shape_are_refused(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    rewrite(folder / "model.safetensors", lambda w: w.update({"model.norm.weight": torch.ones(7)}))
    with pytest.raises(ModelNotLoaded, match=r"could not be loaded|model\.norm\.weight"):
        read(folder)


@pytest.mark.parametrize("damage", ["cut", "garbled", "empty"])
def test_a_damaged_file_is_named(copied: Callable[[str], Path], damage: str) -> None:
    file = copied("llama") / "model.safetensors"
    data = file.read_bytes()
    spoilt = {"cut": data[:-100], "garbled": b"\xff" * 64 + data[64:], "empty": b""}
    file.write_bytes(spoilt[damage])
    with pytest.raises(ModelNotLoaded, match=r"model\.safetensors cannot be read"):
        read(file.parent)


def test_a_missing_shard_is_named(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    index = {"weight_map": {"a": "model-1.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelNotLoaded, match=r"model-1\.safetensors cannot be read"):
        read(folder)


def test_only_safetensors_are_read(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelNotLoaded, match="holds no safetensors weights"):
        read(folder)


@pytest.mark.parametrize(
    "text", ["{", '{"model_type": "nobody"}', "{}", '{"model_type": "llama", "hidden_size": "x"}']
)
def test_a_config_that_nobody_knows_is_named(copied: Callable[[str], Path], text: str) -> None:
    folder = copied("llama")
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelNotLoaded, match=r"config\.json"):
        read(folder)


def test_code_of_a_checkpoint_is_not_run(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text("raise SystemExit('run')")
    with pytest.raises(ModelNotLoaded, match=r"config\.json"):
        read(folder)


def test_without_a_tokenizer_the_base_s_is_taken(
    copied: Callable[[str], Path], checkpoints: dict[str, Path]
) -> None:
    folder = copied("llama")
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ModelNotLoaded, match="holds no tokenizer"):
        read(folder)
    assert len(read(folder, tokenizer=str(checkpoints["mistral"])).tokenizer) == len(
        tiny.tokenizer()
    )


def test_the_tokenizer_is_read_as_it_is_written(copied: Callable[[str], Path]) -> None:
    folder = copied("llama")
    pipeline = json.loads((folder / "tokenizer.json").read_text())
    pipeline["normalizer"] = {"type": "NFC"}
    (folder / "tokenizer.json").write_text(json.dumps(pipeline))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["tokenizer_class"] = "GPT2Tokenizer"
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = read(folder).tokenizer
    assert type(tokenizer.backend_tokenizer.normalizer).__name__ == "NFC"


def test_special_ids_replace_the_checkpoint_s(checkpoints: dict[str, Path]) -> None:
    assert read(checkpoints["llama"]).ends == {0}
    loaded = read(checkpoints["llama"], special_ids=SpecialIds(bos=1, eos=(1, 3), pad=0))
    assert loaded.ends == {1, 3}
    assert (loaded.tokenizer.bos_token, loaded.tokenizer.pad_token) == ("<|start|>", "<|end|>")


def test_special_ids_outside_the_vocabulary_are_refused(checkpoints: dict[str, Path]) -> None:
    with pytest.raises(ModelNotLoaded, match=r"special_ids.eos is 128009"):
        read(checkpoints["llama"], special_ids=SpecialIds(eos=(128009,)))


@pytest.mark.parametrize("other", ["mistral", "gpt_neox"])
def test_an_adapter_of_another_base_is_refused(checkpoints: dict[str, Path], other: str) -> None:
    base = "gpt_neox" if other == "mistral" else "llama"
    with pytest.raises(ModelNotLoaded, match=rf"adapter 'a' .*\n.*made for the base '.*{other}"):
        read(checkpoints[base], adapters={"a": str(checkpoints[f"{other}-1"])})


def test_an_adapter_of_another_size_is_refused(
    copied: Callable[[str], Path], checkpoints: dict[str, Path]
) -> None:
    folder = copied("llama-1")
    rewrite(
        folder / "adapter_model.safetensors",
        lambda weights: weights.update({key: torch.ones(3, 3) for key in weights}),
    )
    with pytest.raises(ModelNotLoaded, match="does not fit model 'tiny'"):
        read(checkpoints["llama"], adapters={"a": str(folder)})


@pytest.mark.parametrize("change", ["missing", "unexpected"])
def test_an_adapter_with_other_weights_is_refused(
    copied: Callable[[str], Path], checkpoints: dict[str, Path], change: str
) -> None:
    def spoil(weights: Weights) -> None:
        key = min(weights)
        part = weights.pop(key) if change == "missing" else weights[key].clone()
        weights[key.replace("layers.0", "layers.9")] = part

    folder = copied("llama-1")
    rewrite(folder / "adapter_model.safetensors", spoil)
    with pytest.raises(ModelNotLoaded, match=rf"(?s)adapter a.*{change} .*layers"):
        read(checkpoints["llama"], adapters={"a": str(folder)})


def test_a_damaged_adapter_is_named(
    copied: Callable[[str], Path], checkpoints: dict[str, Path]
) -> None:
    file = copied("llama-1") / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(ModelNotLoaded, match=r"adapter_model\.safetensors cannot be read"):
        read(checkpoints["llama"], adapters={"a": str(file.parent)})


@pytest.mark.parametrize("text", [None, "{", "{}"])
def test_a_damaged_adapter_config_is_refused(
    copied: Callable[[str], Path], checkpoints: dict[str, Path], text: str | None
) -> None:
    file = copied("llama-1") / "adapter_config.json"
    file.write_text(text) if text else file.unlink()
    with pytest.raises(ModelNotLoaded, match="adapter 'a'"):
        read(checkpoints["llama"], adapters={"a": str(file.parent)})


@pytest.mark.parametrize("package", ["torch", "transformers", "peft"])
def test_a_missing_package_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage, match=rf"{package}.*\n.*madang\[inference\]"):
        read("/nowhere")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_weights_have_the_dtype_of_the_table(checkpoints: dict[str, Path], dtype: str) -> None:
    adapters = {"a": str(checkpoints["llama-1"])}
    loaded = read(checkpoints["llama"], dtype=dtype, adapters=adapters)
    assert {p.dtype for p in loaded.model.parameters()} == {getattr(torch, dtype)}


def test_a_small_model_computes_in_fp32_on_one_thread(checkpoints: dict[str, Path]) -> None:
    loaded = read(checkpoints["llama"])
    if loaded.model.device.type == "cpu":
        assert loaded.model.dtype == torch.float32
    assert loaded.threads == 1


@pytest.mark.parametrize(
    ("able", "expected"),
    [({"avx512_bf16": True}, torch.bfloat16), ({"avx512_bf16": False}, torch.float32)],
)
def test_a_big_model_computes_in_bf16_where_the_cpu_has_it(
    checkpoints: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    able: dict[str, bool],
    expected: torch.dtype,
) -> None:
    monkeypatch.setattr("madang.inference.device.SMALL", 0)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert read(checkpoints["llama"]).model.dtype == expected
