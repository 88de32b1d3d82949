"""EXAONE 3.x without its remote code: a Llama whose config and weights have other names.

Pre-norm RMSNorm, grouped queries, SwiGLU without biases and llama3-scaled RoPE are Llama's own.
Names: `modeling_exaone.py` of LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peft import PeftConfig

MODEL_TYPE = "exaone"
# The config's own names, and Llama's.
ATTRIBUTES = {
    "num_layers": "num_hidden_layers",
    "activation_function": "hidden_act",
    "layer_norm_epsilon": "rms_norm_eps",
}
# One after the other, each on what the former left; undone from the end when a model is saved.
# No pattern matches everything: saved in reverse, it would rename what it never touched.
NAMES = (
    ("transformer.wte", "model.embed_tokens"),
    ("transformer.h.", "model.layers."),
    ("transformer.ln_f", "model.norm"),
    ("ln_1", "input_layernorm"),
    ("ln_2", "post_attention_layernorm"),
    ("attn.attention", "self_attn"),
    ("self_attn.out_proj", "self_attn.o_proj"),
    ("mlp.c_fc_0", "mlp.gate_proj"),
    ("mlp.c_fc_1", "mlp.up_proj"),
    ("mlp.c_proj", "mlp.down_proj"),
)
# Adapters name their targets by the last part alone.
MODULES = {
    "h": "layers",
    "wte": "embed_tokens",
    "out_proj": "o_proj",
    "c_fc_0": "gate_proj",
    "c_fc_1": "up_proj",
    "c_proj": "down_proj",
}


@cache
def register_exaone() -> None:
    """Teach transformers the model type `exaone`, unless it knows it already."""
    from transformers import (
        CONFIG_MAPPING,
        AutoConfig,
        AutoModelForCausalLM,
        LlamaConfig,
        LlamaForCausalLM,
    )
    from transformers.conversion_mapping import register_checkpoint_conversion_mapping
    from transformers.core_model_loading import WeightRenaming

    if MODEL_TYPE in CONFIG_MAPPING:
        return

    class ExaoneConfig(LlamaConfig):  # type: ignore[no-untyped-call]
        model_type = MODEL_TYPE
        attribute_map = ATTRIBUTES
        rms_norm_eps: float = 1e-5  # where the file is silent, EXAONE's own default

    class ExaoneForCausalLM(LlamaForCausalLM):  # type: ignore[no-untyped-call]
        config_class = ExaoneConfig

    register_checkpoint_conversion_mapping(
        MODEL_TYPE, [WeightRenaming(old, new) for old, new in NAMES], overwrite=True
    )
    AutoConfig.register(MODEL_TYPE, ExaoneConfig)
    AutoModelForCausalLM.register(ExaoneConfig, ExaoneForCausalLM)


def rename_targets(config: "PeftConfig") -> None:
    """Give the targets of an adapter that was trained on the old names the new ones."""
    for field in ("target_modules", "exclude_modules", "modules_to_save", "layers_pattern"):
        names = getattr(config, field, None)
        if isinstance(names, (list, set, tuple)):
            setattr(config, field, type(names)(map(_renamed, names)))
    for field in ("rank_pattern", "alpha_pattern"):
        pattern: dict[str, int] = getattr(config, field, None) or {}
        if pattern:
            setattr(config, field, {_renamed(name): value for name, value in pattern.items()})


def _renamed(name: str) -> str:
    for old, new in NAMES:
        name = name.replace(old, new)
    *path, last = name.split(".")
    return ".".join([*path, MODULES.get(last, last)])
