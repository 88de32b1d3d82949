"""Calling a persona by its name: `올빼미야, …`, `owl: …`."""

import re
from collections.abc import Iterator, Sequence

from madang.setup import PersonaInfo
from madang.texts import LOCALES

CALL = re.compile(r"(?:아|야|님|씨)?\s*[,:，：!~]\s*|(?:아|야|님|씨)\s+")
"""What follows a name that is called; a name alone may be what a sentence is about."""


def called(text: str, personas: Sequence[PersonaInfo]) -> tuple[str, str]:
    """Return who is called at the beginning of a text and the rest; nobody and all of it else."""
    names = sorted(_names(personas), key=lambda each: len(each[0]), reverse=True)
    bare = text.removeprefix("@")
    for name, persona in names:
        if not bare.casefold().startswith(name):
            continue
        found = CALL.match(bare, len(name))
        if found and (rest := bare[found.end() :].strip()):
            return persona, rest
    return "", text


def _names(personas: Sequence[PersonaInfo]) -> Iterator[tuple[str, str]]:
    for info in personas:
        if info.bound is None:
            continue
        persona = info.persona
        yield persona.name.casefold(), persona.name
        for locale in LOCALES:
            yield persona.text(locale).title.casefold(), persona.name
