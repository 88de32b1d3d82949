"""The forms of the profile `seeds`, each with the stand-in of the model it is bound to."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from tests.standins.backend import stand_in_template
from tests.standins.families import SEEDS, Family
from tests.standins.opening import seeds_setup

from madang.contract import Exchange, Place, Prompt
from madang.conversation import Bound
from madang.inference.template import PromptTemplate
from madang.persona import render

REFERENCES = (
    "slang_friend",
    "culture_qa",
    "assistant",
    "finance_advisor",
    "qa_generator:simple-qa",
    "qa_generator:writing",
    "qa_generator:creative-writing",
)


@dataclass(frozen=True, kw_only=True)
class SeedForm:
    """Hold a persona's form as the profile binds it, and what its model reads with."""

    bound: Bound
    template: PromptTemplate
    family: Family

    def prompt(self, question: str, *past: tuple[str, str]) -> Prompt:
        """Render a prompt with everything that was said before."""
        exchanges = [
            Exchange(turn=str(turn), question=asked, answer=answered)
            for turn, (asked, answered) in enumerate(past)
        ]
        return render(
            self.bound.form, options=self.bound.options, exchanges=exchanges, question=question
        )

    def ids(self, question: str, *past: tuple[str, str]) -> list[int]:
        """Return what the model reads."""
        return self.template.encode(self.prompt(question, *past), self.bound.sampling.stop)

    def text(self, question: str, *past: tuple[str, str]) -> str:
        """Return the same as text."""
        return self.template.render(self.prompt(question, *past), self.bound.sampling.stop)


@pytest.fixture(scope="session")
def forms() -> Mapping[str, SeedForm]:
    """Bind every seed form once."""
    binder = seeds_setup({}).binder
    bounds = {each: binder.bind(each, Place("test")) for each in REFERENCES}
    return {
        each: SeedForm(
            bound=bound,
            template=stand_in_template(bound.binding.model),
            family=SEEDS[bound.binding.model],
        )
        for each, bound in bounds.items()
    }
