"""Tiny random checkpoints of real architectures, made on the spot."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

LINES = (
    "안녕하세요, 저는 마당에서 이야기를 나누는 작은 모델입니다.",
    "중앙은행의 역할에 대해서 설명해줄래? 물가와 금융을 안정시키는 일을 합니다.",
    "독도는 어느 땅인가? 독도는 대한민국의 땅입니다.",
    "친구와 채팅을 하고 있어요 ㅋㅋㅋ 너 어제 왜 조용히 있었어?",
    "The quick brown fox jumps over the lazy dog. 1 + 2 = 3",
)
SPECIAL = ("<|end|>", "<|start|>", "<|pad|>", "<s>")
ADDED = ("[[Q]]", "[[A]]", "  ", "마당지기")
VOCABULARY = 512
CONTEXT = 256
CHAT = (
    "{% for m in messages %}<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)

SIZES = {"vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64}
LAYERS = {"num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": CONTEXT}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Name a causal language model class, its tiny config, and what its adapters attach to."""

    name: str
    config: Callable[..., PreTrainedConfig]
    model: Callable[..., PreTrainedModel]
    targets: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)


ARCHITECTURES = (
    Architecture(
        name="llama",
        config=LlamaConfig,
        model=LlamaForCausalLM,
        targets=("q_proj", "v_proj", "down_proj"),
        settings={"num_key_value_heads": 2},
    ),
    Architecture(
        name="mistral",
        config=MistralConfig,
        model=MistralForCausalLM,
        targets=("q_proj", "o_proj"),
        settings={"num_key_value_heads": 2, "sliding_window": 32},
    ),
    Architecture(
        name="gpt_neox",
        config=GPTNeoXConfig,
        model=GPTNeoXForCausalLM,
        targets=("query_key_value",),
    ),
)

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
# A window that is shorter than the texts, in one layer of the two.
ALTERNATING = {
    "num_key_value_heads": 2,
    "head_dim": 16,
    "sliding_window": 12,
    "tie_word_embeddings": False,  # or it only ever repeats a token
    "layer_types": ["sliding_attention", "full_attention"],
}
OTHERS = (
    Architecture(
        name="qwen2",
        config=Qwen2Config,
        model=Qwen2ForCausalLM,
        targets=("q_proj", "k_proj", "v_proj"),
        settings={"num_key_value_heads": 2},
    ),
    Architecture(
        name="qwen3",
        config=Qwen3Config,
        model=Qwen3ForCausalLM,
        targets=("k_proj", "up_proj"),
        settings={"num_key_value_heads": 2, "head_dim": 16, "tie_word_embeddings": True},
    ),
    Architecture(
        name="gemma2",
        config=Gemma2Config,
        model=Gemma2ForCausalLM,
        targets=LINEARS,
        settings={**ALTERNATING, "query_pre_attn_scalar": 24, "attn_logit_softcapping": 2.0},
    ),
    Architecture(
        name="gemma3",
        config=Gemma3TextConfig,
        model=Gemma3ForCausalLM,
        targets=("o_proj", "gate_proj"),
        settings={**ALTERNATING, "query_pre_attn_scalar": 24},
    ),
)

# EXAONE's layers under Llama's names; `published.py` writes it under its own.
TWIN = Architecture(
    name="twin",
    config=LlamaConfig,
    model=LlamaForCausalLM,
    targets=("q_proj", "o_proj", "gate_proj", "down_proj"),
    settings={
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-5,
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 1000000.0,
            "factor": 8.0,
            "high_freq_factor": 4.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 64,
        },
    },
)


def tokenizer(chat_template: str | None = CHAT) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE so small that it splits most Hangul syllables."""
    pipeline = Tokenizer(models.BPE())
    pipeline.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pipeline.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(ADDED),
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pipeline.train_from_iterator(LINES, trainer)
    pipeline.add_tokens([AddedToken(text, normalized=False) for text in ADDED])
    make: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    fast = make(
        tokenizer_object=pipeline, eos_token="<|end|>", pad_token="<|pad|>", bos_token="<s>"
    )
    fast.chat_template = chat_template
    return fast


def checkpoint(folder: Path, architecture: Architecture, seed: int = 0, **sizes: int) -> Path:
    """Save a random model with its tokenizer and return the folder."""
    torch.manual_seed(seed)
    config = architecture.config(
        **{**SIZES, **LAYERS, **sizes},
        **architecture.settings,
        eos_token_id=0,
        bos_token_id=3,
        pad_token_id=2,
    )
    model = architecture.model(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)  # apart from each other, so that no draw is a tie
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def adapter(
    folder: Path, base: Path, architecture: Architecture, seed: int = 1, **settings: Any
) -> Path:
    """Save a random LoRA adapter for the model in `base` and return the folder."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    usual = {"r": 4, "lora_alpha": 16, "target_modules": list(architecture.targets)}
    config = LoraConfig(**{**usual, "init_lora_weights": False, **settings})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`")  # asked by PEFT
        get_peft_model(model, config).save_pretrained(str(folder))
    return folder
