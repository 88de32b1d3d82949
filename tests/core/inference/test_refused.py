"""What is refused before or instead of loading, and what would help."""

import importlib.metadata
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.core.inference.published import edit
from tests.core.inference.test_published import logits, read

from madang.errors import MissingPackage, ModelNotLoaded, UnsupportedParameter

CODE = """
from transformers import LlamaConfig, LlamaForCausalLM

class OwnConfig(LlamaConfig):
    model_type = "own"

class OwnForCausalLM(LlamaForCausalLM):
    config_class = OwnConfig
"""


@pytest.fixture
def folder(as_published: dict[str, Path], tmp_path: Path) -> Path:
    """Give a copy of a checkpoint in one file, to be spoilt."""
    return Path(shutil.copytree(as_published["twin"], tmp_path / "twin"))


@pytest.fixture
def pickled(folder: Path) -> Path:
    """Give a checkpoint whose weights are pickled."""
    whole = folder / "model.safetensors"
    torch.save(load_file(whole), folder / "pytorch_model.bin")
    torch.save({}, folder / "training_args.bin")
    whole.unlink()
    return folder


def test_pickled_weights_are_read_only_where_the_table_says_so(
    pickled: Path, as_published: dict[str, Path]
) -> None:
    with pytest.raises(
        ModelNotLoaded, match=r"only pickled ones \(pytorch_model.bin\)\n.*allow_pi"
    ):
        read(pickled)
    ours, twin = read(pickled, allow_pickle=True), read(as_published["twin"])
    assert torch.equal(logits(ours), logits(twin))


def test_pickled_weights_run_no_code(pickled: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    torch.save({"lm_head.weight": Bomb()}, pickled / "pytorch_model.bin")
    with pytest.raises(ModelNotLoaded):
        read(pickled, allow_pickle=True)
    assert not (tmp_path / "ran").exists()


def test_a_cut_pickle_is_named(pickled: Path) -> None:
    file = pickled / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ModelNotLoaded, match=r"pytorch_model\.bin cannot be read"):
        read(pickled, allow_pickle=True)


def test_a_pickled_adapter_is_refused(as_published: dict[str, Path], tmp_path: Path) -> None:
    adapter = Path(shutil.copytree(as_published["twin-a"], tmp_path / "a"))
    whole = adapter / "adapter_model.safetensors"
    torch.save(load_file(whole), adapter / "adapter_model.bin")
    whole.unlink()
    with pytest.raises(ModelNotLoaded, match=r"adapter a.*only pickled ones"):
        read(as_published["twin"], adapters={"a": str(adapter)})
    read(as_published["twin"], adapters={"a": str(adapter)}, allow_pickle=True)


def test_a_shard_without_its_index_is_refused(
    as_published: dict[str, Path], tmp_path: Path
) -> None:
    half = Path(shutil.copytree(as_published["mistral"], tmp_path / "half"))
    (half / "model.safetensors.index.json").unlink()
    with pytest.raises(ModelNotLoaded, match=r"model-00001-of-00002.*index .* missing"):
        read(half)


def test_a_cut_shard_is_named_with_both_sizes(
    as_published: dict[str, Path], tmp_path: Path
) -> None:
    half = Path(shutil.copytree(as_published["mistral"], tmp_path / "half"))
    shard = half / "model-00002-of-00002.safetensors"
    size = shard.stat().st_size
    shard.write_bytes(shard.read_bytes()[: size // 2])
    with pytest.raises(ModelNotLoaded, match=f"00002.*has {size // 2:,} .* describes {size:,}"):
        read(half)


def test_code_of_a_checkpoint_runs_only_where_the_table_says_so(
    folder: Path, as_published: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "hf"))
    own = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnForCausalLM"}
    edit(folder / "config.json", lambda config: config.update(model_type="own", auto_map=own))
    (folder / "own.py").write_text(CODE)
    with pytest.raises(ModelNotLoaded, match=r"auto_map(?s:.)*`trust_remote_code = true`"):
        read(folder)
    ours = read(folder, trust_remote_code=True)
    assert type(ours.model).__name__ == "OwnForCausalLM"
    assert torch.equal(logits(ours), logits(read(as_published["twin"])))


@pytest.mark.parametrize("quantisation", ["int8", "nf4"])
def test_without_bitsandbytes_the_error_says_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, quantisation: str
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(
        MissingPackage, match=r"bitsandbytes.*\n.*pip install 'madang\[quantisation\]'"
    ):
        read(folder, quantisation=quantisation)


def test_a_bitsandbytes_without_kernels_for_the_device_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **settings: object) -> None:
        raise RuntimeError("no binary for CUDA 99.9\nand a long story")

    monkeypatch.setattr("bitsandbytes.functional.quantize_4bit", fail)
    version = importlib.metadata.version("bitsandbytes")
    with pytest.raises(ModelNotLoaded, match=f"{version} cannot quantise on .*CUDA 99.9\n"):
        read(folder, quantisation="nf4")


def test_stored_quantised_weights_are_not_quantised_again(folder: Path) -> None:
    stored = {"quant_method": "awq", "bits": 4}
    edit(folder / "config.json", lambda config: config.update(quantization_config=stored))
    with pytest.raises(UnsupportedParameter, match="stored quantised"):
        read(folder, quantisation="nf4")


def test_too_little_memory_is_found_before_the_weights_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.inference.loader.free_bytes", lambda device: 300_000)
    monkeypatch.setattr("madang.inference.loader.load_weights", lambda *all, **rest: 1 / 0)
    with pytest.raises(ModelNotLoaded, match=r"needs 1\.\d MiB \(weights 0\.\d.*has 0\.3 MiB free"):
        read(folder, dtype="float32")


def test_where_the_system_does_not_say_nothing_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.inference.loader.free_bytes", lambda device: None)
    assert read(folder).context


def test_a_tokenizer_that_lost_a_step_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder / "tokenizer.json", lambda pipeline: pipeline.update(normalizer={"type": "NFC"}))
    monkeypatch.setattr("tokenizers.Tokenizer.normalizer", None)
    with pytest.raises(ModelNotLoaded, match=r"normalizer of .*tokenizer\.json is NFC"):
        read(folder)


@pytest.mark.parametrize(("base", "fits"), [("SOMEONE/Base-8b", True), ("a/other-8b", False)])
def test_an_adapter_of_another_named_base_is_refused(
    as_published: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    base: str,
    fits: bool,
) -> None:
    adapter = Path(shutil.copytree(as_published["twin-a"], tmp_path / "a"))
    edit(adapter / "adapter_config.json", lambda c: c.update(base_model_name_or_path=base))
    folders = {"maker/base-8B": as_published["twin"], "maker/a": adapter}
    monkeypatch.setattr("madang.inference.source._from_hub", lambda name, *rest: folders[name])
    if fits:
        read(Path("maker/base-8B"), adapters={"a": "maker/a"})
    else:
        with pytest.raises(ModelNotLoaded, match="for the base 'a/other-8b', not for 'maker/base"):
            read(Path("maker/base-8B"), adapters={"a": "maker/a"})


def test_a_folder_without_weights_says_so(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelNotLoaded, match="holds no safetensors weights"):
        read(folder)


@pytest.mark.parametrize("text", ["[]", "{", '{"weight_map": []}', '{"weight_map": {}}'])
def test_a_damaged_index_is_named(folder: Path, text: str) -> None:
    (folder / "model.safetensors.index.json").write_text(text)
    with pytest.raises(ModelNotLoaded, match=r"model\.safetensors\.index\.json"):
        read(folder)


def test_weights_stored_for_a_quantiser_that_is_missing_name_it(folder: Path) -> None:
    stored = {"quant_method": "awq", "bits": 4}
    edit(folder / "config.json", lambda config: config.update(quantization_config=stored))
    with pytest.raises((MissingPackage, ModelNotLoaded), match=r"(?i)awq|gptq"):
        read(folder)
