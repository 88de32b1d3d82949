"""A package with a module of its own beside it."""

import importlib

import madang
from madang.hookspecs import RegisterFilter

words = importlib.import_module(f"{__name__}.words")


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register a filter."""
    register(words.NAME, words.make)
