"""An answer on its way to a bot: whoever is slow sees fewer steps, never old ones."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from madang.contract import Persona, Place, Problem, Progress, Turn, TurnState, Usage


@dataclass(frozen=True, kw_only=True)
class Update:
    """Hold what to show of an answer now: `text` is whole each time, not a difference.

    `attempt` counts the tries of a judged form from 1; `progress` tells what is waited for.
    `usage` counts all tries, in the final update.
    """

    text: str = ""
    state: TurnState = TurnState.PENDING
    progress: Progress | None = None
    attempt: int = 1
    attempts: int = 1
    problem: Problem | None = None
    cut: bool = False
    usage: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, turn: Turn) -> "Update":
        """Return where an answer stands that has ended, as the store has it."""
        problem = Problem(turn.problem, turn.problem) if turn.problem else None
        return cls(text=turn.shown, state=turn.state, problem=problem, cut=turn.cut)

    @property
    def final(self) -> bool:
        """Say whether this is the last update."""
        return self.state is not TurnState.PENDING


@dataclass(eq=False)
class Reply:
    """Follow one answer; iterate `updates()` for the newest state until the final one.

    `notice` is to be shown once under the answer. `resumed` says that the question was asked
    before a restart. Any number of readers may follow at their own pace.
    """

    place: Place
    turn: Turn
    persona: Persona
    notice: str = ""
    resumed: bool = False
    latest: Update = field(default_factory=Update)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, update: Update) -> None:
        """Replace the newest state and wake every reader."""
        self.latest = update
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def updates(self) -> AsyncIterator[Update]:
        """Yield the newest state whenever there is a newer one; the final one is never missed."""
        seen: Update | None = None
        while seen is None or not seen.final:
            changed = self._changed
            if self.latest is seen:
                await changed.wait()
            else:
                seen = self.latest
                yield seen

    async def final(self) -> Update:
        """Wait for the final update."""
        async for _ in self.updates():
            continue
        return self.latest
