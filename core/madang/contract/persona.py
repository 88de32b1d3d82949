"""Who answers: a persona is a voice, a form is how to speak to one kind of model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from madang.contract.event import FinishReason
from madang.contract.prompt import PromptKind
from madang.contract.request import RequestClass, Sampling

Polish = Callable[[str, bool], str]
"""`polish(raw, final) -> shown`: pure and cheap, works on the text so far.

What it shows of unfinished text may lose an unfinished tail later and nothing else.
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Hold a finished raw answer for a judge, with the question that led to it."""

    raw: str
    reason: FinishReason
    question: str


class Verdict(msgspec.Struct, frozen=True):
    """Accept a draft, or ask for another try and say why."""

    accepted: bool
    why: str = ""


ACCEPT = Verdict(True)

Judge = Callable[[Draft], Verdict]


@dataclass(frozen=True, kw_only=True)
class Template:
    """Hold the frames of a form; `{name}` stands for a value, `{{` and `}}` for braces.

    `head` opens the prompt (the system message of a chat form). `question` frames the last
    question, `past_question` and `past_answer` frame the exchanges before it. Values:
    `{question}`, `{answer}` and every option of the persona.
    """

    head: str = ""
    question: str = "{question}"
    past_question: str = "{question}"
    past_answer: str = "{answer}"


HistoryRule = Literal["none", "own", "all"] | Annotated[int, Meta(ge=0)]
"""Which earlier exchanges a form shows the model.

"none", "own" (those of the persona itself), "all" (with what other personas said), or the last N.
"""


@dataclass(frozen=True, kw_only=True)
class Form:
    """Describe how to speak to one kind of model; a form with a judge is buffered, not streamed.

    `attempts` bounds how often a judged answer is asked for, each time with a new seed. `strip`
    takes white space off both ends of the whole prompt, as the model's template has made it.
    `request_class` says who waits for whom: what is "bulk" never holds up those who chat.
    """

    name: str
    kind: PromptKind
    template: Template
    history: HistoryRule = "none"
    sampling: Sampling = field(default_factory=Sampling)
    polish: tuple[Polish, ...] = ()
    judge: Judge | None = None
    attempts: int = 1
    strip: bool = False
    request_class: RequestClass = "interactive"

    def polished(self, raw: str, *, final: bool) -> str:
        """Return what to show of `raw`, through every polish step in order."""
        for step in self.polish:
            raw = step(raw, final)
        return raw


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Pair what a persona heard with what it answered; `turn` is the id of its answer."""

    turn: str
    question: str
    answer: str


class PersonaText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold what a persona says of itself in one language; `notice` is shown once."""

    title: str
    description: str
    greeting: str
    samples: tuple[str, ...]
    notice: str = ""
    licence: str = ""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Be a voice with texts per locale, options with their defaults, and one or more forms.

    `avatar` is the https address of its picture, for platforms where a persona may have its own.
    """

    name: str
    texts: Mapping[str, PersonaText]
    forms: Mapping[str, Form]
    options: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    avatar: str = ""

    def text(self, locale: str) -> PersonaText:
        """Return the texts in `locale`, or in the first language the persona has."""
        return self.texts.get(locale) or next(iter(self.texts.values()))

    def current(self) -> "Persona":
        """Return this persona: one made in Python never changes."""
        return self


class PersonaSource(Protocol):
    """Give a persona as it is now: one made of files re-reads them when they changed."""

    def current(self) -> Persona:
        """Return the last good version."""
        ...
