"""config.json: the class, the numbers of the architecture, and the ids that end an answer."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from madang.contract import Model
from madang.models.checks.finding import Finding, compared
from madang.models.facts import Facts
from madang.models.sizes import Shape

OTHER = "It is another model: check `source` and `revision`."


def read_json(file: Path) -> dict[str, object]:
    """Read a JSON object; empty when there is none or it is damaged."""
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def check_config(
    place: Path, facts: Facts | None, model: Model, config: Mapping[str, object]
) -> Iterator[Finding]:
    """Compare config.json and generation_config.json with the facts, or check that they say it."""
    if not config:
        hint = "Fetch it again: madang models remove NAME, then pull."
        yield Finding("failure", "config.json", "is missing or damaged", hint)
        return
    if "auto_map" in config and not model.trust_remote_code:
        yield Finding("ok", "remote code", "offered by config.json, and not run")
    classes = config.get("architectures") or ["none"]
    found = classes[0] if isinstance(classes, list) else classes
    if facts:
        yield compared("architecture", facts.architecture, found, guess=False, hint=OTHER)
        yield from _numbers(facts, config)
    else:
        yield _generic(config, found)
    yield from _ends(place, facts, model, config)


def _generic(config: Mapping[str, object], architecture: object) -> Finding:
    try:
        shape = Shape.of(config)
    except ValueError as error:
        return Finding("failure", "config.json", str(error), "Is it a causal language model?")
    return Finding("ok", "architecture", f"{architecture}, {shape.layers} layers")


def _numbers(facts: Facts, config: Mapping[str, object]) -> Iterator[Finding]:
    wrong = [
        compared(key, expected, _at(config, key), guess=facts.is_guess(f"config.{key}"), hint=OTHER)
        for key, expected in facts.config.items()
        if _at(config, key) != expected
    ]
    yield from wrong
    if len(wrong) < len(facts.config):
        count = len(facts.config) - len(wrong)
        yield Finding("ok", "numbers", f"{count} of {len(facts.config)} as known")


def _at(config: Mapping[str, object], key: str) -> object:
    value: object = config
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _ends(
    place: Path, facts: Facts | None, model: Model, config: Mapping[str, object]
) -> Iterator[Finding]:
    generation = read_json(place / "generation_config.json")
    table = model.special_ids
    for role, given in (("bos", table.bos), ("eos", table.eos), ("pad", table.pad)):
        stated = generation.get(f"{role}_token_id", config.get(f"{role}_token_id"))
        effective = stated if given is None else given
        expected = getattr(facts, role) if facts else None
        if expected in (None, ()):
            if role == "eos" and effective is None:
                yield Finding("warning", "eos", "no file states what ends an answer")
            continue
        hint = f"Set special_ids.{role} in the profile, or use the revision that was meant."
        guess = facts is not None and facts.is_guess(role)
        yield compared(role, _ids(expected), _ids(effective), guess=guess, hint=hint)


def _ids(value: object) -> list[object]:
    values = list(value) if isinstance(value, list | tuple) else [value]
    return sorted(values, key=str)
