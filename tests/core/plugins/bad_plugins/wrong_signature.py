"""Take another argument than the hook is given."""

import madang


@madang.hookimpl
def register_personas(registry: object) -> None:
    """Never be called."""
