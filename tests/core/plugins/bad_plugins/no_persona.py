"""Register something that is no persona."""

from typing import Any

import madang


@madang.hookimpl
def register_personas(register: Any) -> None:
    """Register a string."""
    register("slang_friend")
