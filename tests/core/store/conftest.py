"""Stores to test, and somebody to talk in them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal, Protocol

import pytest

from madang.contract import Author, Conversation, Place, Role, Store, Turn, TurnState
from madang.store import SqliteStore

YARD = Place("terminal/yard")
ALICE = Author("terminal:alice", "앨리스")
SERIAL = count()


@dataclass
class Talk:
    """Say things in one conversation of a store; times count up by one a turn."""

    store: Store
    conversation: Conversation

    @classmethod
    async def at(cls, store: Store, place: Place = YARD) -> "Talk":
        return cls(store, await store.conversation(place))

    async def say(
        self,
        text: str,
        parent: Turn | None = None,
        *,
        author: Author = ALICE,
        role: Role = "user",
        state: TurnState = TurnState.COMPLETE,
    ) -> Turn:
        serial = next(SERIAL)
        return await self.store.add(
            Turn(
                id=f"turn-{serial}",
                parent=parent.id if parent else None,
                conversation=self.conversation.id,
                role=role,
                author=author,
                created=float(serial),
                raw=text,
                shown=text,
                state=state,
            )
        )

    async def answer(self, text: str, parent: Turn, state: TurnState = TurnState.COMPLETE) -> Turn:
        persona = Author("persona:friend", "친구")
        return await self.say(text, parent, author=persona, role="persona", state=state)

    async def texts(self, limit: int = 128) -> list[str]:
        return [turn.raw for turn in await self.store.history(self.conversation.id, limit)]


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    kind: Literal["file", "memory"] = request.param
    opened = await SqliteStore.open(tmp_path / "store.db" if kind == "file" else ":memory:")
    yield opened
    await opened.close()


@pytest.fixture
async def talk(store: Store) -> Talk:
    return await Talk.at(store)


@pytest.fixture
def talk_in() -> "TalkIn":
    """Begin to talk in a store of the test's own."""
    return Talk.at


class TalkIn(Protocol):
    """Make a talk."""

    async def __call__(self, store: Store, place: Place = YARD) -> Talk: ...
