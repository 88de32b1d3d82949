"""Random LoRA adapters for a shape, as PEFT saves them."""

import warnings
from pathlib import Path
from typing import Any

from madang.bench.engine.checkpoint import random_tensor
from madang.bench.engine.shapes import Shape
from madang.contract.model import Dtype
from madang.inference.quantisation import hush

RANK = 16
DEVIATION = 0.1  # as much as to change what the model says
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def make_adapters(shape: Shape, dtype: Dtype, folder: Path, count: int) -> dict[str, str]:
    """Write `count` adapters of rank 16 on all linear layers; return name to folder."""
    import torch
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
    from safetensors.torch import save_file
    from transformers import LlamaConfig, LlamaForCausalLM

    hush()  # PEFT imports bitsandbytes where it is installed
    settings = LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS, task_type="CAUSAL_LM")
    with torch.device("meta"), warnings.catch_warnings():
        # PEFT asks for it, and transformers will rename it.
        warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`")
        base = LlamaForCausalLM(LlamaConfig(**shape.config()))  # type: ignore[arg-type]
        untyped: Any = get_peft_model_state_dict
        sizes = {name: each.shape for name, each in untyped(get_peft_model(base, settings)).items()}
    adapters = {f"adapter-{number}": folder / f"adapter-{number}" for number in range(count)}
    for seed, place in enumerate(adapters.values()):
        torch.manual_seed(seed)
        settings.save_pretrained(str(place))
        tensors = {
            name: random_tensor(size, getattr(torch, dtype), DEVIATION)
            for name, size in sizes.items()
        }
        save_file(tensors, place / "adapter_model.safetensors", {"format": "pt"})
    return {name: str(place) for name, place in adapters.items()}
