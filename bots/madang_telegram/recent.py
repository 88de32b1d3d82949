"""What is remembered for a while, of the newest only."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MOST = 4096

MessageKey = tuple[int, int]
"""A chat, and a message in it."""


class Recent(Generic[Key, Value]):
    """Map keys to values, and let go of the oldest of too many."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def keep(self, key: Key, value: Value) -> bool:
        """Remember a value; False where there was one, which it replaces."""
        new = key not in self._kept
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return new

    def get(self, key: Key) -> Value | None:
        """Return a value, None where there is none."""
        return self._kept.get(key)

    def pop(self, key: Key) -> Value | None:
        """Return a value that is not needed again, None where there is none."""
        return self._kept.pop(key, None)
