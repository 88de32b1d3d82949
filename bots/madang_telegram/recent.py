"""What is remembered for a while, of the newest only."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 4096
Key = tuple[int, int | str]
"""A chat, and a message or an album in it."""


class Recent(Generic[Value]):
    """Map messages to values, and let go of the oldest of too many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def keep(self, key: Key, value: Value) -> bool:
        """Remember a value; False where there was one, which it replaces."""
        new = key not in self._kept
        self._kept[key] = value
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return new

    def pop(self, key: Key) -> Value | None:
        """Return a value that is not needed again, None where there is none."""
        return self._kept.pop(key, None)
