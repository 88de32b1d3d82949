"""A persona plugin: a kind helper for requests of every kind."""

import madang
from madang.hookspecs import RegisterPersona


@madang.hookimpl
def register_personas(register: RegisterPersona) -> None:
    """Register the helper, who is all data."""
    register(madang.PersonaFolder.of(__name__))
