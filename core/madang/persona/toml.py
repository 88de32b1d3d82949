"""What a `persona.toml` may hold."""

import re
from typing import Annotated

import msgspec

from madang.contract import HistoryRule, PersonaText, PromptKind, RequestClass, Sampling
from madang.errors import MadangError, PersonaError
from madang.toml import KeyPath, parse, read_table, wrong

Positive = Annotated[int, msgspec.Meta(ge=1)]
Marker = Annotated[str, msgspec.Meta(min_length=1)]
ADDRESS = re.compile(r"https://[\w.-]+(?::\d+)?/[!-~]+")


class FormTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe one `[forms.NAME]` table.

    A frame is written in place (`question = "…"`) or in a file of its own beside the
    `persona.toml` (`question_file = "seed.txt"`). `past_question` is `question` when left out,
    so that what was sent once stays as it was; `past_answer` is the answer, and for a
    completion a line end after it. `strip` takes white space off both ends of the whole prompt,
    as the model's template has made it. `cut_at` ends an answer before the first of its markers,
    then the steps of `polish` follow in order. `request_class` is "bulk" for long jobs, which
    never hold up those who chat.
    """

    kind: PromptKind = "chat"
    history: HistoryRule = "none"
    head: str | None = None
    head_file: str | None = None
    question: str | None = None
    question_file: str | None = None
    past_question: str | None = None
    past_question_file: str | None = None
    past_answer: str | None = None
    past_answer_file: str | None = None
    strip: bool = False
    cut_at: tuple[Marker, ...] = ()
    polish: tuple[str, ...] = ()
    judge: str | None = None
    attempts: Positive = 1
    request_class: RequestClass = "interactive"
    sampling: Sampling = Sampling()


class PersonaTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe a whole `persona.toml`.

    `options` are named values for the frames, which settings may override; `filters` names
    tables `[filters.NAME]` of the profile; `avatar` is the https address of a picture.
    """

    name: str
    text: dict[str, PersonaText]
    forms: dict[str, FormTable]
    options: dict[str, str] = {}
    filters: tuple[str, ...] = ()
    avatar: str = ""


def parse_persona(text: str, file: str) -> PersonaTable:
    """Read the text of a `persona.toml`; `PersonaError` names the place of what is wrong."""
    table = read_table(
        parse(text, file, PersonaError), PersonaTable, lambda path: file, PersonaError
    )
    _check(table, file)
    return table


def persona_error(file: str, path: KeyPath, what: str, hint: str = "") -> MadangError:
    """Word an error about a key of a `persona.toml`."""
    return wrong(lambda path: file, path, what, hint, PersonaError)


def _check(table: PersonaTable, file: str) -> None:
    _check_name(table.name, ("name",), file)
    for key in ("text", "forms"):
        if not getattr(table, key):
            raise persona_error(file, (key,), "is empty.", f"Add a table [{key}.NAME].")
    if table.avatar and not ADDRESS.fullmatch(table.avatar):
        hint = "Give the https address of a picture that anybody can fetch."
        raise persona_error(file, ("avatar",), f"'{table.avatar}' is no https address.", hint)
    for name in table.options:
        if not name.isidentifier() or name in ("question", "answer"):
            hint = "Use letters, digits and _; question and answer are taken."
            raise persona_error(file, ("options", name), f"'{name}' cannot be a name.", hint)
    for name in table.forms:
        _check_name(name, ("forms", name), file)


def _check_name(name: str, path: KeyPath, file: str) -> None:
    # `NAME:MODE` refers to a persona, and `/` parts a place.
    if not re.fullmatch(r"[\w-]+", name):
        hint = "Use letters, digits, _ and -."
        raise persona_error(file, path, f"'{name}' cannot be a name.", hint)
