"""The tokenizer as it is served: its ids, its steps, and what its chat template makes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from madang.contract import Model
from madang.errors import MadangError
from madang.inference.source import missing_package
from madang.inference.template import chat_text
from madang.inference.tokenizer import load_tokenizer
from madang.models.checks.config import read_json
from madang.models.checks.finding import Finding, compared
from madang.models.facts import Facts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

STEPS = ("normalizer", "pre_tokenizer", "model")
LOST = "A tokenizer class that rebuilds the pipeline loses steps; use the published files."


def check_tokenizer(
    name: str, place: Path, model: Model, vocabulary: int, facts: Facts | None
) -> Iterator[Finding]:
    """Load the tokenizer as a worker does, and compare it; `vocabulary` is the embeddings' size."""
    try:
        tokenizer = load_tokenizer(name, place, model)
    except ImportError as error:
        raise missing_package(error) from error
    except MadangError as error:
        yield Finding("failure", "tokenizer", error.message, error.hint)
        return
    yield _range(tokenizer, vocabulary)
    yield from _pipeline(tokenizer, place, facts)
    if facts:
        yield from _tokens(tokenizer, facts)
        for number, rendering in enumerate(facts.renderings, 1):
            messages = [{"role": role, "content": text} for role, text in rendering.messages]
            guess = facts.is_guess("renderings")
            yield _rendered(f"template {number}", tokenizer, messages, rendering.text, guess)
    else:
        found = "there is one" if tokenizer.chat_template else "none: completions only"
        yield Finding("ok", "chat template", found)


def kinds(step: object) -> str:
    """Name a step of the pipeline, those inside a sequence with it."""
    if not isinstance(step, dict):
        return "none"
    inner = step.get("normalizers") or step.get("pretokenizers")
    kind = str(step.get("type"))
    return f"{kind}({', '.join(map(kinds, inner))})" if inner else kind


def _range(tokenizer: "PreTrainedTokenizerFast", vocabulary: int) -> Finding:
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if vocabulary and largest >= vocabulary:
        words = f"ids reach {largest}, the embeddings end at {vocabulary - 1}"
        return Finding("failure", "ids", words, "Tokenizer and weights do not belong together.")
    return Finding("ok", "ids", f"0 to {largest}, within the embeddings")


def _pipeline(
    tokenizer: "PreTrainedTokenizerFast", place: Path, facts: Facts | None
) -> Iterator[Finding]:
    served: Mapping[str, object] = json.loads(tokenizer.backend_tokenizer.to_str())
    stated = read_json(place / "tokenizer.json")
    for step in STEPS:
        found = kinds(served.get(step))
        if stated and found != kinds(stated.get(step)):
            words = f"{found}, but tokenizer.json says {kinds(stated.get(step))}"
            yield Finding("failure", step, words, LOST)
            continue
        expected = getattr(facts.pipeline, step) if facts else ""
        if expected == "any" and found != "none":
            yield Finding("ok", step, found)
        elif expected:
            guess = facts is not None and facts.is_guess(f"pipeline.{step}")
            yield compared(step, expected, found, guess=guess, hint=LOST)


def _tokens(tokenizer: "PreTrainedTokenizerFast", facts: Facts) -> Iterator[Finding]:
    vocabulary = tokenizer.get_vocab()
    hint = "The tokenizer is another one, or was changed by whoever published it."
    wrong = {text: id_ for text, id_ in facts.tokens.items() if vocabulary.get(text) != id_}
    for text, id_ in wrong.items():
        guess = facts.is_guess(f"tokens.{text}")
        yield compared(f"id of {text}", id_, vocabulary.get(text), guess=guess, hint=hint)
    right = len(facts.tokens) - len(wrong)
    if right:
        yield Finding("ok", "special tokens", f"{right} of {len(facts.tokens)} as known")


def _rendered(
    what: str,
    tokenizer: "PreTrainedTokenizerFast",
    messages: list[dict[str, str]],
    expected: str,
    guess: bool,
) -> Finding:
    from jinja2 import TemplateError

    hint = "The chat template is another one: the persona's form would not say what was trained."
    if not tokenizer.chat_template:
        return Finding("failure", what, "there is no chat template", hint)
    try:
        found = chat_text(tokenizer, messages)
    except (TemplateError, TypeError, ValueError) as error:
        return Finding("failure", what, f"refused the messages: {error}", hint)
    if found == expected:
        return Finding("ok", what, "renders as known")
    return compared(what, expected, found, guess=guess, hint=hint)
