"""The texts of the demo model: whole, apart from the held-out questions, and in step."""

import os

import pytest

from madang.demo.corpus import (
    COMMON,
    PERSONAS,
    SYSTEM,
    HeldOut,
    complaints,
    normalise,
    questions_of,
    read_corpus,
    read_heldout,
)
from madang.persona import render
from madang.setup import prepare


@pytest.mark.parametrize("persona", [COMMON, *PERSONAS])
def test_the_texts_have_no_complaints(persona: str) -> None:
    heldout = HeldOut(()) if persona == COMMON else read_heldout(persona)
    assert list(complaints(persona, read_corpus(persona), heldout)) == []


def test_no_heldout_question_is_in_a_corpus() -> None:
    heldout = {normalise(q.ask) for persona in PERSONAS for q in read_heldout(persona).question}
    corpora = [read_corpus(name) for name in (COMMON, *PERSONAS)]
    trained = {normalise(ask) for corpus in corpora for _, ask in questions_of(corpus)}
    trained |= {normalise(ask) for corpus in corpora for ask in corpus.unknown.ask}
    assert heldout & trained == set()


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_trained_system_prompt_is_the_one_that_the_persona_sends(persona: str) -> None:
    form = prepare("demo", os.environ).plugins.personas[persona].current().forms["general"]
    prompt = render(form, options={}, exchanges=[], question="질문")
    assert [segment.text for segment in prompt.segments] == [SYSTEM[persona], "질문"]
