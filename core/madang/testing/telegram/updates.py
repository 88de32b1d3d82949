"""Updates: the row of what happened, waiting for the bot."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from madang.testing.telegram.changes import Changes
from madang.testing.telegram.checking import problems_of
from madang.testing.telegram.wire import Json, Refusal

ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
FIRST = 100_000_001


@dataclass(kw_only=True)
class Webhook:
    """Say where updates are sent instead of waiting to be fetched."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error_at: float = 0.0
    last_error: str = ""


class Updates:
    """Keep updates until the bot confirms them by asking for a later offset."""

    def __init__(self, changes: Changes, problems: list[str]) -> None:
        self.row: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        self.webhook: Webhook | None = None
        self.doubled = False
        self._changes = changes
        self._problems = problems
        self._next = FIRST
        self._held: list[Json] | None = None
        self._poll = 0

    def add(self, kind: str, payload: Json) -> Json | None:
        """Append an update, unless the bot did not ask for its kind."""
        if (kind not in self.allowed) if self.allowed else (kind in ON_REQUEST):
            return None
        update: Json = {"update_id": self._next, kind: payload}
        self._next += 1
        self._problems += problems_of("getupdates", update)
        line = self.row if self._held is None else self._held
        line += [update, update] if self.doubled else [update]
        self._changes.tell()
        return update

    @contextmanager
    def held(self) -> Iterator[list[Json]]:
        """Hold updates back until the end of the block; reorder or drop them in the list."""
        self._held = []
        try:
            yield self._held
        finally:
            self.row += self._held
            self._held = None
            self._changes.tell()

    def repeat(self, update: Json) -> None:
        """Deliver an update once more."""
        self.row.append(update)
        self._changes.tell()

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Choose the kinds from now on; None leaves the choice, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds)

    def drop(self) -> None:
        """Forget everything that waits."""
        self.row.clear()

    def confirm(self, offset: int) -> None:
        """Forget updates before an offset; a negative one counts from the end."""
        if offset < 0:
            del self.row[: max(0, len(self.row) + offset)]
        else:
            self.row[:] = [update for update in self.row if update["update_id"] >= offset]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Wait for updates; a later poll ends this one with 409."""
        if self.webhook:
            raise _conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._poll += 1
        mine = self._poll
        self._changes.tell()
        self.confirm(offset)
        try:
            async with asyncio.timeout(seconds):
                while not self.row and self._poll == mine:
                    await self._changes.next()
        except TimeoutError:
            return []
        if self._poll != mine:
            raise _conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
        return self.row[:limit]


def _conflict(description: str) -> Refusal:
    return Refusal(409, f"Conflict: {description}")
