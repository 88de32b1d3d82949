"""Make a hook a coroutine function."""

import madang


@madang.hookimpl
async def register_personas(register: object) -> None:
    """Never be called."""
