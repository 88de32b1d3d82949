"""Register one thing, then raise."""

import madang
from madang.filters import WordList
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register a filter and fail before the second."""
    register("half", WordList.of)
    raise RuntimeError("halfway")
