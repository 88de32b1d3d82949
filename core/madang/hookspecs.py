"""The hooks of a madang plugin; each is called once, at start-up, to collect objects.

A plugin implements the ones it needs:

    import madang

    @madang.hookimpl
    def register_personas(register):
        register(madang.PersonaFolder.of(__package__))
"""

from typing import TYPE_CHECKING, Protocol

import pluggy

if TYPE_CHECKING:
    from madang.contract import BackendFactory, Bot, FilterFactory, PersonaSource

PROJECT = "madang"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class RegisterPersona(Protocol):
    """Take one persona; `AlreadyRegistered` when its name is taken."""

    def __call__(self, persona: "PersonaSource") -> None:
        """Add the persona, made in Python or read from a folder."""
        ...


class RegisterBot(Protocol):
    """Take one bot; `AlreadyRegistered` when its name is taken."""

    def __call__(self, bot: "Bot") -> None:
        """Add the bot."""
        ...


class RegisterBackend(Protocol):
    """Take what makes a backend, under the name that `[models.NAME] backend` uses."""

    def __call__(self, name: str, factory: "BackendFactory") -> None:
        """Add the backend."""
        ...


class RegisterFilter(Protocol):
    """Take what makes a filter, under the name of its `[filters.NAME]` table."""

    def __call__(self, name: str, factory: "FilterFactory") -> None:
        """Add the filter."""
        ...


@hookspec
def register_personas(register: RegisterPersona) -> None:
    """Register personas."""


@hookspec
def register_bots(register: RegisterBot) -> None:
    """Register bots, each a platform on which people talk."""


@hookspec
def register_backends(register: RegisterBackend) -> None:
    """Register kinds of backend."""


@hookspec
def register_filters(register: RegisterFilter) -> None:
    """Register kinds of filter."""
