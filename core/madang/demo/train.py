"""Train the demo model and its adapters from the corpora kept beside this file.

Run ``python -m madang.demo.train --out DIR``; nothing else of madang imports this module.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch

from madang.demo.corpus import PERSONAS
from madang.demo.dialogues import (
    Dialogue,
    Texts,
    assert_held_out,
    read_texts,
    write_base,
    write_persona,
)
from madang.demo.learn import Schedule, fit
from madang.demo.tokens import MAX_POSITIONS, VOCABULARY, Encoder, Example, make_tokenizer

NAME = "package:madang/demo/model"
LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK = 16


class Round(NamedTuple):
    """Hold one round of training the base: a schedule from its peak rate to nearly none."""

    dialogues: int
    schedule: Schedule
    brief: float = 0.0


class Plan(NamedTuple):
    """Hold how much to train and how fast."""

    rounds: tuple[Round, ...] = (
        Round(60_000, Schedule(rate=3e-3)),
        Round(90_000, Schedule(rate=2e-3, decay=0.7), brief=0.7),
    )
    adapter_dialogues: int = 4_000
    adapter: Schedule = Schedule(rate=2e-3, weight_decay=0.0)
    seed: int = 20_261


QUICK = Plan(rounds=(Round(100, Schedule(rate=3e-3)),), adapter_dialogues=20)
"""A plan of seconds that tests the trainer and teaches nothing."""


def say(line: str) -> None:
    """Write one line of progress."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def new_model(tokenizer: Any) -> Any:
    """Make an untrained model of the demo's shape."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=6,
        num_key_value_heads=3,
        max_position_embeddings=MAX_POSITIONS,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model: Any = LlamaForCausalLM(config)
    return model.to(_device())


def _encoded(
    dialogues: list[Dialogue],
    tokenizer: Any,
    texts: Texts,
    rng: random.Random,
    brief: float = 0.0,
) -> list[Example]:
    assert_held_out(dialogues, texts.heldout)
    encoder = Encoder(tokenizer, rng)
    return [encoder.example(dialogue, brief) for dialogue in dialogues]


def train_base(texts: Texts, tokenizer: Any, plan: Plan, out: Path) -> None:
    """Train the base model in rounds and save it in bfloat16 with its tokenizer."""
    torch.manual_seed(plan.seed)
    model = new_model(tokenizer)
    say(f"base: {sum(p.numel() for p in model.parameters()):,} parameters")
    for number, part in enumerate(plan.rounds):
        seed = plan.seed + 100 * number
        rng = random.Random(seed)
        dialogues = write_base(texts, part.dialogues, seed)
        examples = _encoded(dialogues, tokenizer, texts, rng, part.brief)
        say(f"round {number + 1}: {sum(len(e.ids) for e in examples):,} tokens")
        fit(model, examples, part.schedule, rng, say)
    model.generation_config.update(do_sample=False, max_new_tokens=256)
    model.to(torch.bfloat16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    _readable(out)


def train_adapter(persona: str, texts: Texts, tokenizer: Any, plan: Plan, out: Path) -> None:
    """Train one persona's adapter on the saved base and save it in bfloat16."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    seed = plan.seed + 1 + PERSONAS.index(persona)
    rng = random.Random(seed)
    torch.manual_seed(seed)
    dialogues = write_persona(persona, texts, plan.adapter_dialogues, seed)
    examples = _encoded(dialogues, tokenizer, texts, rng)
    base: Any = AutoModelForCausalLM.from_pretrained(out / "model", dtype=torch.float32)
    base.to(_device())
    config = LoraConfig(
        r=RANK, lora_alpha=RANK, target_modules=LINEAR_LAYERS, task_type="CAUSAL_LM"
    )
    adapted = get_peft_model(base, config)
    say(f"{persona}: {len(examples)} dialogues")
    # The wrapper puts its layers into the base, so fitting the base fits the adapter.
    fit(base, examples, plan.adapter, rng, say)
    adapted.to(torch.bfloat16).save_pretrained(str(out / "adapters" / persona))
    _neutral(out / "adapters" / persona)


def _neutral(folder: Path) -> None:
    """Name the base by its name rather than by where it lay, and drop the model card."""
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = NAME
    config["target_modules"] = LINEAR_LAYERS
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    _readable(folder)


def _readable(folder: Path) -> None:
    """Let everybody read the weights, which are written for their owner only."""
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)


def train(out: Path, plan: Plan, *, adapters_only: bool = False) -> None:
    """Train everything into a folder: ``model/`` and one ``adapters/`` folder a persona."""
    from transformers import AutoTokenizer
    from transformers.utils import logging

    quiet: Any = logging.disable_progress_bar
    quiet()
    texts = read_texts()
    if adapters_only:
        tokenizer = AutoTokenizer.from_pretrained(out / "model")
    else:
        tokenizer = make_tokenizer(texts)
        train_base(texts, tokenizer, plan, out / "model")
    for persona in PERSONAS:
        train_adapter(persona, texts, tokenizer, plan, out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--quick", action="store_true", help="train for seconds, as a test")
    parser.add_argument("--adapters-only", action="store_true", help="keep the base in DIR")
    given = parser.parse_args()
    train(given.out, QUICK if given.quick else Plan(), adapters_only=given.adapters_only)


if __name__ == "__main__":
    main()
