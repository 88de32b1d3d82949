"""The door to what was said: conversations and their turn trees."""

from collections.abc import Sequence
from typing import Protocol

from madang.contract.tally import Tally, TallyKey
from madang.contract.turn import Conversation, Place, Turn, TurnState


class Store(Protocol):
    """Keep conversations and their turn trees; every method is one transaction.

    Several processes may share a store. Each holds an owner id for as long as it lives, and a
    pending turn belongs to the owner that is answering it.
    """

    async def conversation(self, place: Place) -> Conversation:
        """Return the current conversation of a place, beginning one where there is none."""
        ...

    async def reset(self, place: Place) -> Conversation:
        """Begin a new conversation at a place; its persona carries over, its turns do not."""
        ...

    async def bind(self, conversation: str, persona: str) -> None:
        """Set who answers in a conversation."""
        ...

    async def notice(self, conversation: str, name: str) -> bool:
        """Mark a notice as shown; True the first time."""
        ...

    async def add(self, turn: Turn) -> Turn:
        """Append a turn as the chosen child of its parent and return it with its depth.

        A pending turn is owned by this process; `ConversationBusy` when another one of the
        conversation is already pending with a living owner.
        """
        ...

    async def update(
        self,
        turn: str,
        *,
        raw: str | None = None,
        shown: str | None = None,
        state: TurnState | None = None,
        problem: str | None = None,
        message_ids: tuple[str, ...] | None = None,
        model: str | None = None,
        spent: Tally | None = None,
    ) -> None:
        """Change what is given of a turn and leave the rest.

        `state` PENDING takes the turn over again; `ConversationBusy` as for `add`. What was
        `spent` on it is added to the counters, all or nothing.
        """
        ...

    async def turn(self, turn: str) -> Turn | None:
        """Return one turn, or None when it is gone."""
        ...

    async def history(self, conversation: str, limit: int = 128) -> Sequence[Turn]:
        """Return the chosen turns, oldest first; of long ones the last `limit` to 2 x `limit`.

        The first turn moves only once in `limit` turns, so that prompts keep their prefix.
        """
        ...

    async def tree(self, conversation: str) -> Sequence[Turn]:
        """Return every turn, variants included, oldest first; for export."""
        ...

    async def variants(self, turn: str) -> Sequence[Turn]:
        """Return a turn and its siblings of the same role, oldest first."""
        ...

    async def choose(self, turn: str) -> None:
        """Make a turn the chosen one among its siblings."""
        ...

    async def unchoose(self, turn: str) -> None:
        """Take a turn, and with it all that follows, out of the history."""
        ...

    async def adopt(self, bot: str, place: Place | None = None) -> Sequence[Conversation]:
        """Take over what dead owners left unanswered, at a bot or at one place.

        Returns the conversations whose history holds a pending turn, or ends with a user's, and
        whose owner is dead; this process owns them from now on, and nobody else gets them.
        """
        ...

    async def places(self, bot: str) -> Sequence[Place]:
        """List the places of a bot that have a conversation."""
        ...

    async def everything(self, author: str) -> Sequence[Turn]:
        """Return every turn that somebody wrote and the answers to it, for export."""
        ...

    async def usage(
        self,
        *by: TallyKey,
        day: str = "",
        since: str = "",
        author: str = "",
        place: str = "",
    ) -> Sequence[Tally]:
        """Sum what was asked, apart for every value of some keys; without any, it is one sum.

        On one day or since one, of one person, and at one place and all below it, where these are
        given. Persons come with the name that they had last.
        """
        ...

    async def forget(self, author: str) -> int:
        """Delete every turn of somebody, and the answers to them; return how many.

        Conversations left without turns go too, since a place may name the person. What was
        counted of them stays, as nobody's.
        """
        ...

    async def expire(self, before: float) -> int:
        """Delete conversations whose last turn is older than `before`; return how many.

        The counters of the days before go too.
        """
        ...

    async def close(self) -> None:
        """Write everything down and let go of the files."""
        ...
