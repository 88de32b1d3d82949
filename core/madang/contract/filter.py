"""The door for word lists and classifiers."""

from typing import Protocol

import msgspec

from madang.contract.turn import Author, Place


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Let a text through, as it is or changed, or refuse it and say why."""

    text: str
    refused: str = ""


class Filter(Protocol):
    """See a user's turn before and an answer after; may pass, change or refuse it.

    An answer is streamed through `outgoing` as it grows unless `streams` is False, which
    holds it back until it is whole.
    """

    @property
    def streams(self) -> bool:
        """Say whether `outgoing` may see unfinished text."""
        ...

    async def incoming(self, text: str, author: Author, place: Place) -> Decision:
        """Decide on what somebody typed, before it is stored."""
        ...

    async def outgoing(self, text: str, place: Place, *, final: bool) -> Decision:
        """Decide on what is about to be shown."""
        ...


class FilterFactory(Protocol):
    """Make a filter from its `[filters.NAME]` table."""

    def __call__(self, settings: dict[str, object], /) -> Filter:
        """Return a filter, or raise `SettingsError` naming the key that is wrong."""
        ...
