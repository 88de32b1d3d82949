"""Take no argument at all."""

import madang


@madang.hookimpl
def register_personas() -> None:
    """Never be called."""
