"""The personas by the names that people type: found, completed, and the nearest to a wrong one."""

import difflib
import logging
import unicodedata
from collections.abc import Iterator, Sequence

from discord.app_commands import Choice

from madang.errors import MadangError, UnknownPersona, error_code
from madang.setup import PersonaInfo
from madang.texts import LOCALES
from madang_discord.asking import Asked, locale_of
from madang_discord.where import place_of

_log = logging.getLogger(__name__)

MOST_CHOICES, MOST_LETTERS = 25, 100
MOST_NEAR = 3


class NoSuchPersona(UnknownPersona):
    """Nobody has this name; `near` are those that may be meant, as the person would read them."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        super().__init__(f"There is no persona '{name}'.")
        self.near = near

    @property
    def code(self) -> str:
        """Return that of the error which it is."""
        return error_code(UnknownPersona)


async def complete(asked: Asked, typed: str) -> list[Choice[str]]:
    """Offer the personas that can answer here and whose names hold what was typed.

    Nothing is waited for: Discord takes choices for three seconds.
    """
    locale, wanted = locale_of(asked), typed.casefold().strip()
    try:
        found = [
            Choice(name=name[:MOST_LETTERS], value=reference)
            for info in asked.client.talk.yard.personas(place_of(asked))
            if info.bound is not None
            for reference, name in names_of(info, locale)
            if wanted in name.casefold() or wanted in reference.casefold()
        ]
    except (MadangError, OSError) as error:
        _log.warning("no personas are offered: %s", error)
        return []
    return [each for each in found if len(each.value) <= MOST_LETTERS][:MOST_CHOICES]


def wanted(asked: Asked, name: str) -> tuple[PersonaInfo, str]:
    """Find a persona by its reference, or else its title; also one that cannot answer now.

    Raises `NoSuchPersona`.
    """
    infos = asked.client.talk.yard.personas(place_of(asked))
    plain, own = name.casefold().strip(), locale_of(asked)
    for kind in ("", own, *LOCALES):
        for info in infos:
            for reference in info.references:
                called = title_of(info, reference, kind) if kind else reference
                if called.casefold() == plain:
                    return info, reference
    raise NoSuchPersona(name, _near(plain, infos, own))


def names_of(info: PersonaInfo, locale: str) -> Iterator[tuple[str, str]]:
    """List the references of a persona, each with what it is called."""
    for reference in info.references:
        yield reference, title_of(info, reference, locale)


def title_of(info: PersonaInfo, reference: str, locale: str) -> str:
    """Return what a persona is called, with its mode where it has one."""
    title, mode = info.persona.text(locale).title, reference.partition(":")[2]
    return f"{title} · {mode}" if mode else title


def _near(plain: str, infos: Sequence[PersonaInfo], locale: str) -> list[str]:
    """Return who may be meant, as title and name; the first there are, where no name is near.

    Syllables of Hangul are taken apart: of two letters one that differs would be half the name.
    """
    called = {
        f"{info.persona.text(locale).title} (`{info.persona.name}`)": [
            info.persona.name,
            *(info.persona.text(each).title for each in LOCALES),
        ]
        for info in infos
        if info.bound is not None
    }
    apart = {_apart(name): shown for shown, names in called.items() for name in names}
    close = difflib.get_close_matches(_apart(plain), apart, n=MOST_NEAR)
    return list(dict.fromkeys(apart[each] for each in close)) or list(called)[:MOST_NEAR]


def _apart(name: str) -> str:
    return unicodedata.normalize("NFD", name.casefold())
