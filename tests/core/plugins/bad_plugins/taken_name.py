"""Register something new, and a filter under a name that is taken."""

import madang
from madang.filters import WordList
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register two filters."""
    register("new", WordList.of)
    register("wordlist", WordList.of)
