"""Proving on this machine that a model's real files are what madang takes them for."""

import asyncio
import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.models.answers import answer_all
from madang.models.checks import (
    Finding,
    check_adapter,
    check_config,
    check_tokenizer,
    check_weights,
)
from madang.models.checks.config import read_json
from madang.models.facts import Facts, facts_for
from madang.models.part import parts_of
from madang.models.presence import Presence, find
from madang.models.record import Entry, note
from madang.models.sizes import Shape


@dataclass(frozen=True, kw_only=True)
class Report:
    """Hold what a verification found; `facts` names what the files were compared with."""

    model: str
    facts: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Say whether nothing failed."""
        return not any(each.state == "failure" for each in self.findings)


def verify(name: str, model: Model, *, generate: bool = False, chosen: str = "") -> Report:
    """Compare a model's files with what is known, and remember the result.

    `chosen` names facts, or a file of them, for files that do not tell what they are; `generate`
    also answers the sample questions. Raises `ModelNotLoaded` when the model is not here.
    """
    facts = facts_for(name, model, chosen)
    found = _all_here(name, model)
    findings = list(_findings(name, model, found, facts))
    answers: dict[str, str] = {}
    if generate and not any(each.state == "failure" for each in findings):
        more, answers = asyncio.run(answer_all(name, model, facts))
        findings += more
    report = Report(model=name, facts=facts.title if facts else "", findings=tuple(findings))
    note(model, found, _entry(report, model, found, answers) if report.passed else None)
    return report


def _all_here(name: str, model: Model) -> list[Presence]:
    found = [find(part) for part in parts_of(name, model)]
    for each in found:
        if each.folder is None:
            raise ModelNotLoaded(
                f"{each.part} is not on this machine: {each.part.source}",
                f"Fetch it: madang models pull {name}, with the same --profile"
                if each.part.kind == "hub"
                else f"Correct [models.{name}].",
            )
    if not found:
        raise ModelNotLoaded(
            f"model '{name}' is served by the backend '{model.backend}'",
            "Only models of the local backend have files to verify.",
        )
    return found


def _findings(
    name: str, model: Model, found: list[Presence], facts: Facts | None
) -> Iterator[Finding]:
    folders = {each.part.role: each.folder for each in found if each.folder is not None}
    place = folders["weights"]
    config = read_json(place / "config.json")
    yield from check_config(place, facts, model, config)
    findings, tensors = check_weights(place, facts, config, model.allow_pickle)
    yield from findings
    for each in found:
        if each.part.adapter:
            folder = folders[each.part.role]
            yield from check_adapter(each.part, folder, model.source, tensors, facts)
    tokens = folders.get("tokenizer", place)
    yield from check_tokenizer(name, tokens, model, _vocabulary(config), facts)


def _vocabulary(config: dict[str, object]) -> int:
    try:
        return Shape.of(config).vocabulary
    except ValueError:
        return 0


def _entry(report: Report, model: Model, found: list[Presence], answers: dict[str, str]) -> Entry:
    return Entry(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        source=model.source,
        revision=found[0].commit or model.revision,
        facts=report.facts,
        warnings=tuple(
            f"{each.what}: {each.found}" for each in report.findings if each.state == "warning"
        ),
        answers=answers,
    )
