"""Misspell a hook."""

import madang


@madang.hookimpl
def register_persona(register: object) -> None:
    """Never be called."""
