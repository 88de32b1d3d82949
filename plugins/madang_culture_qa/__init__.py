"""A persona plugin: a guide to Korean history, culture and everyday life."""

import madang
from madang.hookspecs import RegisterPersona


@madang.hookimpl
def register_personas(register: RegisterPersona) -> None:
    """Register the guide, who is all data."""
    register(madang.PersonaFolder.of(__name__))
