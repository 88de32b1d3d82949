"""Who can answer: the personas as people see them, choose them and call them by name."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET

from madang.contract import Place
from madang.conversation import Bound
from madang.errors import MadangError, UnknownPersona
from madang.setup import PersonaInfo
from madang_telegram.desk import Desk
from madang_telegram.places import Spot
from madang_telegram.rights import may_choose

LONGEST_KEY = 40
# What Korean adds to a name that is called, and what follows it.
CALLED = r"(?:(?:아|야|님|씨|이여|여)[\s,.:!~]+|\s*[,:]\s*)(?=\S)"


@dataclass(frozen=True)
class Role:
    """Hold one that can be chosen: a persona, in a mode or not."""

    reference: str
    info: PersonaInfo

    @property
    def key(self) -> str:
        """Return the reference, short enough for a button."""
        return key_of(self.reference)

    def title(self, locale: str) -> str:
        """Return the name that people see."""
        _, _, mode = self.reference.partition(":")
        title = self.info.persona.text(locale).title
        return f"{title} · {mode}" if mode else title


def key_of(reference: str) -> str:
    """Return a reference, or where that is too long for a button what stands for it."""
    if len(reference.encode()) <= LONGEST_KEY:
        return reference
    return "#" + hashlib.blake2b(reference.encode(), digest_size=12).hexdigest()


def roles(desk: Desk, place: Place) -> list[Role]:
    """List who can be chosen at a place, also those whom the operator has to put in order."""
    return [
        Role(reference, info) for info in desk.yard.personas(place) for reference in info.references
    ]


def role_of(desk: Desk, place: Place, key: str) -> Role:
    """Find a role by its key or reference; raises `UnknownPersona`, and why it cannot answer."""
    for role in roles(desk, place):
        if key in (role.key, role.reference):
            if role.info.problem:
                raise role.info.problem
            return role
    raise UnknownPersona(f"There is no persona '{key}'.", "/persona lists them.")


async def answering(desk: Desk, place: Place, person: str) -> Bound:
    """Return who answers somebody at a place."""
    own = await own_persona(desk, place, person)
    current = await desk.conversations.current(place)
    if not own or own == current.reference:
        return current
    try:
        return desk.yard.setup.binder.bind(own, place)
    except MadangError:
        # Whom somebody has chosen may be no more, and they choose anew.
        return current


async def whom(desk: Desk, place: Place, person: str, addressed: str) -> str:
    """Return who is to answer somebody, empty for who does at the place.

    Where that is locked only admins can address somebody else.
    """
    if addressed and await may_choose(desk, Spot.of(place), person):
        return addressed
    return await own_persona(desk, place, person)


async def own_persona(desk: Desk, place: Place, person: str) -> str:
    """Return whom a person has chosen for themselves; empty where the place decides.

    It does where it is locked, and in a private chat in which somebody was chosen.
    """
    options = desk.conversations.options
    here = await options.at(place, person)
    chosen_here = Spot.of(place).private and options.said(place).persona is not UNSET
    return "" if options.own(person).persona is UNSET or chosen_here else here.persona


def called(desk: Desk, text: str) -> tuple[str, str]:
    """Return the persona whom a text calls by name, and what it says then."""
    for name, persona in _names(desk):
        found = re.match(rf"{re.escape(name)}{CALLED}", text, re.IGNORECASE)
        if found:
            return persona, text[found.end() :]
    return "", text


def _names(desk: Desk) -> Iterator[tuple[str, str]]:
    for name, source in desk.yard.setup.plugins.personas.items():
        yield name, name
        for text in source.current().texts.values():
            yield text.title, name
