"""A stand-in checkpoint with its tokenizer and an adapter, and the facts that describe it.

Two layers of zeros: it loads and generates, and it always says the token with id 0.
"""

import json
from functools import cache
from pathlib import Path

from tests.standins.checkpoints import llama_tensors, safetensors, sharded
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

SPECIAL = ("<|end|>", "<|user|>", "<|bot|>")
TEMPLATE = (
    "{% for m in messages %}{{ '<|user|>' if m['role'] == 'user' else '<|bot|>' }}"
    "{{ m['content'] }}<|end|>{% endfor %}{% if add_generation_prompt %}<|bot|>{% endif %}"
)
HIDDEN, FFN, VOCABULARY = 64, 128, 264
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": HIDDEN,
    "intermediate_size": FFN,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 128,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
    "eos_token_id": 256,
    "bos_token_id": None,
}
FACTS = """\
title = "a stand-in"
sources = ["kim/stand-in"]
architecture = "LlamaForCausalLM"
eos = [256]
tensors = ["model.layers.0.self_attn.q_proj.weight", "lm_head.weight"]
guesses = ["config.rope_theta"]
[config]
num_hidden_layers = 2
hidden_size = 64
rope_theta = 10000.0
[tokens]
"<|end|>" = 256
"<|user|>" = 257
[pipeline]
model = "BPE"
normalizer = "NFC"
pre_tokenizer = "ByteLevel"
[[renderings]]
messages = [["user", "안녕"]]
text = "<|user|>안녕<|end|><|bot|>"
[adapters."./adapter"]
base = "kim/stand-in"
rank = 4
alpha = 8
targets = ["q_proj"]
[[questions]]
kind = "chat"
text = "안녕?"
[sampling]
max_new_tokens = 3
"""


def tensors(layers: int = 2) -> dict[str, tuple[int, ...]]:
    """Name the stand-in's tensors."""
    return llama_tensors(layers, HIDDEN, FFN, VOCABULARY)


HUB_FILES = {
    "config.json": json.dumps(CONFIG).encode(),
    "tokenizer.json": b"{}",
    "README.md": b"# never fetched",
    "training_args.bin": b"never fetched",
    "onnx/model.safetensors": b"never fetched",
    **sharded(tensors(), 2),
}


@cache
def tokenizer() -> str:
    """Make a byte-level tokenizer without merges."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pipeline = Tokenizer(models.BPE({each: id_ for id_, each in enumerate(alphabet)}, []))
    pipeline.normalizer = normalizers.NFC()
    pipeline.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pipeline.decoder = decoders.ByteLevel()
    pipeline.add_special_tokens(list(SPECIAL))
    return str(pipeline.to_str())


def write_json(file: Path, value: object) -> None:
    """Write a JSON file."""
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def save(folder: Path) -> Path:
    """Save the checkpoint and return the folder."""
    folder.mkdir()
    for name, data in sharded(tensors(), 2).items():
        (folder / name).write_bytes(data)
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "generation_config.json", {"eos_token_id": 256})
    (folder / "tokenizer.json").write_text(tokenizer(), "utf-8")
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "chat_template": TEMPLATE,
            "eos_token": "<|end|>",
            "pad_token": "<|end|>",
        },
    )
    return folder


def save_adapter(folder: Path, base: str = "kim/stand-in", hidden: int = HIDDEN) -> Path:
    """Save a LoRA adapter of zeros and return the folder."""
    folder.mkdir(exist_ok=True)
    kind = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base}
    numbers = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}
    write_json(folder / "adapter_config.json", {**kind, **numbers})
    modules = [f"base_model.model.model.layers.{n}.self_attn.q_proj" for n in range(2)]
    shapes = {f"{module}.lora_A.weight": (4, hidden) for module in modules}
    shapes |= {f"{module}.lora_B.weight": (hidden, 4) for module in modules}
    (folder / "adapter_model.safetensors").write_bytes(safetensors(shapes))
    return folder
