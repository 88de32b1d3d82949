"""Register two things under one name."""

import madang
from madang.filters import WordList
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register a filter twice."""
    register("two", WordList.of)
    register("two", WordList.of)
