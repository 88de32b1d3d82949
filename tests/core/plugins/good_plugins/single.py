"""A plugin of one file."""

import madang
from madang.filters import WordList
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register a filter."""
    register("single", WordList.of)
