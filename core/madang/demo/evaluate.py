"""Measure the demo model on questions that it was not trained on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from difflib import SequenceMatcher
from typing import get_args

import msgspec

from madang.demo.corpus import (
    COMMON,
    PERSONAS,
    Corpus,
    Kind,
    Question,
    read_corpus,
    read_heldout,
    topics_of,
)

Answerer = Callable[[str, str], Awaitable[str]]
"""Answer a persona's question: called with the persona and the question."""

ALIKE = 0.9
"""The least similarity (difflib ratio) to a written answer that counts as right."""

KINDS: tuple[Kind, ...] = get_args(Kind)


class Verdict(msgspec.Struct, frozen=True):
    """Hold one held-out question, what was answered, and whether that was right."""

    persona: str
    question: Question
    answer: str
    right: bool


class Rate(msgspec.Struct, frozen=True):
    """Hold how many questions of one kind a persona answered right."""

    persona: str
    kind: Kind
    right: int
    asked: int

    @property
    def share(self) -> float:
        """Return the right answers as a share of all, between 0 and 1."""
        return self.right / self.asked if self.asked else 0.0


class Result(msgspec.Struct, frozen=True):
    """Hold every verdict of a measurement."""

    verdicts: tuple[Verdict, ...]

    def rate(self, persona: str, kind: Kind) -> Rate:
        """Count the verdicts of one persona and kind."""
        found = [v.right for v in self.verdicts if (v.persona, v.question.kind) == (persona, kind)]
        return Rate(persona, kind, sum(found), len(found))

    def rates(self) -> tuple[Rate, ...]:
        """Count the verdicts of every persona and kind that was asked."""
        personas = dict.fromkeys(v.persona for v in self.verdicts)
        every = (self.rate(persona, kind) for persona in personas for kind in KINDS)
        return tuple(rate for rate in every if rate.asked)

    def wrong(self) -> tuple[Verdict, ...]:
        """Return the verdicts on wrong answers."""
        return tuple(verdict for verdict in self.verdicts if not verdict.right)


def is_right(answer: str, accepted: Iterable[str]) -> bool:
    """Tell whether an answer equals a written one but for spaces, or nearly so."""
    given = " ".join(answer.split())
    return any(_alike(given, " ".join(wanted.split())) for wanted in accepted)


def _alike(given: str, wanted: str) -> bool:
    if given == wanted:
        return True
    return SequenceMatcher(None, given, wanted, autojunk=False).ratio() >= ALIKE


def accepted_answers(persona: str, corpus: Corpus, common: Corpus) -> dict[str, tuple[str, ...]]:
    """Return the right answers of every topic, and of ``unknown``, for a persona."""
    answers = {topic.name: topic.answers for topic in topics_of(persona, corpus, common)}
    return answers | {"unknown": corpus.unknown.answers}


async def measure(
    answer: Answerer,
    personas: Iterable[str] = PERSONAS,
    *,
    limit: int | None = None,
    at_once: int = 8,
) -> Result:
    """Ask the held-out questions of the personas, or the first `limit`, and judge the answers."""
    gate = asyncio.Semaphore(at_once)
    common = read_corpus(COMMON)

    async def verdict(
        persona: str, question: Question, accepted: dict[str, tuple[str, ...]]
    ) -> Verdict:
        async with gate:
            given = await answer(persona, question.ask)
        return Verdict(persona, question, given, is_right(given, accepted[question.topic]))

    pending = [
        verdict(persona, question, accepted)
        for persona in personas
        for accepted in [accepted_answers(persona, read_corpus(persona), common)]
        for question in read_heldout(persona).question[:limit]
    ]
    return Result(tuple(await asyncio.gather(*pending)))


def table(result: Result) -> str:
    """Render the rates as a Markdown table, one row a persona."""
    head = f"| persona | {' | '.join(KINDS)} |"
    rule = "|" + "---|" * (1 + len(KINDS))
    personas = dict.fromkeys(verdict.persona for verdict in result.verdicts)
    rows = [f"| {name} | {' | '.join(_cells(result, name))} |" for name in personas]
    return "\n".join([head, rule, *rows])


def _cells(result: Result, persona: str) -> Iterable[str]:
    for kind in KINDS:
        rate = result.rate(persona, kind)
        yield f"{rate.share:.0%} of {rate.asked}" if rate.asked else "–"
