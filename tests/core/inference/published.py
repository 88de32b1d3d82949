"""Tiny checkpoints laid out as the bases of the seed models are published.

Stand-ins: names, dtypes and files are those of the hub, the numbers are random.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tests.core.inference import tiny

Weights = dict[str, torch.Tensor]
# Blocks of NF4 have 64 numbers, and its kernels for the CPU want whole ones.
SIZES = {"hidden_size": 64, "intermediate_size": 128}
NAMES = ("llama", "mistral", "gpt_neox", "exaone")

# Written out key by key, so that it is not the code under test turned round.
EXAONE_LAYER = {
    "input_layernorm": "ln_1",
    "post_attention_layernorm": "ln_2",
    "self_attn.q_proj": "attn.attention.q_proj",
    "self_attn.k_proj": "attn.attention.k_proj",
    "self_attn.v_proj": "attn.attention.v_proj",
    "self_attn.o_proj": "attn.attention.out_proj",
    "mlp.gate_proj": "mlp.c_fc_0",
    "mlp.up_proj": "mlp.c_fc_1",
    "mlp.down_proj": "mlp.c_proj",
}
EXAONE = {
    "model.embed_tokens.weight": "transformer.wte.weight",
    "model.norm.weight": "transformer.ln_f.weight",
    "lm_head.weight": "lm_head.weight",
    **{
        f"model.layers.{layer}.{new}.weight": f"transformer.h.{layer}.{old}.weight"
        for layer in range(2)
        for new, old in EXAONE_LAYER.items()
    },
}


def publish(root: Path) -> dict[str, Path]:
    """Write every base with its adapter and return the folders by name."""
    folders: dict[str, Path] = {}
    for architecture in (*tiny.ARCHITECTURES, tiny.TWIN):
        name = architecture.name
        base = folders[name] = tiny.checkpoint(root / name, architecture, **SIZES)
        folders[f"{name}-a"] = tiny.adapter(root / f"{name}-a", base, architecture)
    folders["exaone"] = _exaone(shutil.copytree(folders["twin"], root / "exaone"))
    folders["exaone-a"] = _exaone_adapter(shutil.copytree(folders["twin-a"], root / "exaone-a"))
    _shard(folders["mistral"], torch.float32)
    _shard(folders["llama"], torch.bfloat16)
    rewrite(folders["gpt_neox"] / "model.safetensors", _add_buffers)
    _shard(folders["gpt_neox"], torch.float16)
    return folders


def rewrite(file: Path, change: Callable[[Weights], object]) -> None:
    """Change the tensors of a safetensors file in place."""
    weights = load_file(file)
    change(weights)
    save_file(weights, file, metadata={"format": "pt"})


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file in place."""
    table = json.loads(file.read_text())
    change(table)
    file.write_text(json.dumps(table))


def _exaone(folder: Path) -> Path:
    def rename(weights: Weights) -> None:
        for new, old in EXAONE.items():
            weights[old] = weights.pop(new)

    def restate(config: dict[str, Any]) -> None:
        rope = config.pop("rope_parameters")
        config |= {
            "architectures": ["ExaoneForCausalLM"],
            "auto_map": {
                "AutoConfig": "configuration_exaone.ExaoneConfig",
                "AutoModelForCausalLM": "modeling_exaone.ExaoneForCausalLM",
            },
            "model_type": "exaone",
            "num_layers": config.pop("num_hidden_layers"),
            "activation_function": config.pop("hidden_act"),
            "layer_norm_epsilon": config.pop("rms_norm_eps"),
            "embed_dropout": 0.0,
            "rope_theta": rope.pop("rope_theta"),
            "rope_scaling": rope,
            "torch_dtype": "float32",
        }

    rewrite(folder / "model.safetensors", rename)
    edit(folder / "config.json", restate)
    edit(folder / "tokenizer.json", lambda pipeline: pipeline.update(normalizer={"type": "NFC"}))
    edit(
        folder / "tokenizer_config.json",
        lambda config: config.update(tokenizer_class="GPT2Tokenizer"),
    )
    for module in ("configuration_exaone", "modeling_exaone"):
        (folder / f"{module}.py").write_text("raise SystemExit('the code of a checkpoint ran')")
    return folder


def _exaone_adapter(folder: Path) -> Path:
    def rename(weights: Weights) -> None:
        for key in list(weights):
            old = key.replace("model.layers.", "transformer.h.")
            for new_part, old_part in EXAONE_LAYER.items():
                old = old.replace(new_part, old_part)
            weights[old] = weights.pop(key)

    rewrite(folder / "adapter_model.safetensors", rename)
    edit(
        folder / "adapter_config.json",
        lambda config: config.update(target_modules=["q_proj", "out_proj", "c_fc_0", "c_proj"]),
    )
    return folder


def _add_buffers(weights: Weights) -> None:
    """Add what the GPT-NeoX of 2022 saved with its weights."""
    for layer in range(2):
        attention = f"gpt_neox.layers.{layer}.attention"
        weights[f"{attention}.bias"] = torch.ones(1, 1, 16, 16, dtype=torch.uint8).tril()
        weights[f"{attention}.masked_bias"] = torch.tensor(-1e9)
        weights[f"{attention}.rotary_emb.inv_freq"] = torch.ones(1)


def _shard(folder: Path, dtype: torch.dtype) -> None:
    """Part the weights into two files with an index, in `dtype`."""
    whole = folder / "model.safetensors"
    weights = load_file(whole)
    whole.unlink()
    index: dict[str, str] = {}
    for number in (1, 2):
        file = f"model-0000{number}-of-00002.safetensors"
        keys = sorted(weights)[number - 1 :: 2]
        part = {
            key: weights[key].to(dtype) if weights[key].is_floating_point() else weights[key]
            for key in keys
        }
        save_file(part, folder / file, metadata={"format": "pt"})
        index |= dict.fromkeys(keys, file)
    text = json.dumps({"metadata": {"total_size": 0}, "weight_map": index})
    (folder / "model.safetensors.index.json").write_text(text)
    edit(
        folder / "config.json",
        lambda config: config.update(torch_dtype=str(dtype).removeprefix("torch.")),
    )
