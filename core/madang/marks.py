"""What is being worked on, so that a line of the log can say what it is about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Mark = str | int

_current: ContextVar[dict[str, Mark]] = ContextVar("madang_marks")


def marks() -> Mapping[str, Mark]:
    """Return what holds here, such as `request` and `model`."""
    return _current.get({})


@contextmanager
def marked(**fields: Mark) -> Iterator[None]:
    """Mark the log of this block, and of the tasks that begin in it, with these fields too.

    A task that outlives the block loses them when it ends: by then it works for others.
    """
    here = {**marks(), **fields}
    before = _current.set(here)
    try:
        yield
    finally:
        here.clear()
        _current.reset(before)
