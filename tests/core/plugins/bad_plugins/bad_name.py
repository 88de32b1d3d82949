"""Register something under a name that settings could not spell."""

import madang
from madang.filters import WordList
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register a filter."""
    register("a/b:c", WordList.of)
