"""The door to what was said: conversations and their turn trees."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec

from madang.contract.tally import Tally, TallyKey
from madang.contract.turn import Conversation, Found, Place, Turn, TurnState


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """Count what was deleted of a place and all below it."""

    conversations: int
    turns: int
    options: int


class OptionTable(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the options that people set: `said` maps a place or a person to key to JSON.

    Every change has a `revision` of its own.
    """

    revision: int
    said: Mapping[str, Mapping[str, str]]


class Store(Protocol):
    """Keep conversations and their turn trees; every method is one transaction.

    Several processes may share a store. Each holds an owner id for as long as it lives, and a
    pending turn belongs to the owner that is answering it.
    """

    async def conversation(self, place: Place) -> Conversation:
        """Return the current conversation of a place, beginning one where there is none."""
        ...

    async def begun(self, place: Place) -> Conversation | None:
        """Return the current conversation of a place, or None where there is none."""
        ...

    async def reset(self, place: Place, since: str = "") -> Conversation:
        """Begin a new conversation at a place; its persona carries over, its turns do not.

        With `since`, a turn of the history, that one and what follows it go along.
        """
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
        persona: str | None = None,
        asks: bool | None = None,
        cut: bool | None = None,
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

    async def locate(self, turn: str) -> Found | None:
        """Return one turn and where it was said, or None when it is gone."""
        ...

    async def find(self, place: Place, message: str) -> Sequence[Found]:
        """Return the turns that a platform's message shows, at a place or below it.

        Those of current conversations come first, of these the chosen ones, then the newest.
        """
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

    async def remove(self, turns: Sequence[str]) -> Sequence[Turn]:
        """Delete turns of one conversation, and return them; what follows them moves up."""
        ...

    async def adopt(self, bot: str, place: Place | None = None) -> Sequence[Conversation]:
        """Take over what dead owners left unanswered, at a bot or at one place.

        Returns the conversations whose history holds a pending turn, or ends with a user's, and
        whose owner is dead; this process owns them from now on, and nobody else gets them.
        """
        ...

    async def unshown(self, bot: str, place: Place | None = None) -> Sequence[Found]:
        """Take over the ended answers that dead owners have not shown whole to their people.

        Only those in the history of a current conversation; an answer is to be shown from when it
        is pending until `shown`.
        """
        ...

    async def shown(self, turn: str) -> None:
        """Note that people see an ended answer whole."""
        ...

    async def places(self, bot: str) -> Sequence[Place]:
        """List the places of a bot that have a conversation, the last one talked at last."""
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

    async def count(self, spent: Tally) -> None:
        """Add to the counters what was asked outside of any conversation."""
        ...

    async def options(self, since: int = -1) -> OptionTable | None:
        """Return all options, or None where nothing changed since a revision."""
        ...

    async def set_option(self, subject: str, key: str, value: str | None) -> None:
        """Set one option of a place or a person to JSON; None takes it back."""
        ...

    async def keep(self, bot: str, key: str, text: str, author: str = "") -> None:
        """Keep a note of a bot that has to outlive it, in the place of one of the same key.

        One about an `author` goes when they are forgotten.
        """
        ...

    async def kept(self, bot: str, prefix: str = "") -> Mapping[str, str]:
        """Return the notes of a bot whose keys begin so, in the order in which they came."""
        ...

    async def let_go(self, bot: str, key: str) -> None:
        """Delete a note; one that is not there is no matter."""
        ...

    async def move(self, place: Place, new: Place) -> None:
        """Rename a place and all below it, with all that was said, set and counted there.

        Where people talk under the new name already, that goes on, and the old is put aside. The
        ids of messages are not taken along: under the new name they are others'.
        """
        ...

    async def end(self, place: Place) -> Removed:
        """Delete all that was said and set at a place and below it; return how much.

        What was counted there stays as the bot's.
        """
        ...

    async def forget(self, author: str) -> int:
        """Delete every turn of somebody, and the answers to them; return how many.

        Conversations left without turns go too, since a place may name the person, and so do the
        person's options and the notes about them. What was counted of them stays, as nobody's.
        """
        ...

    async def expire(
        self, before: float, place: Place | None = None, but: Collection[Place] = ()
    ) -> int:
        """Delete conversations whose last turn is older than `before`; return how many.

        Everywhere, and then the counters of the days before and old notes go too; or at one place
        and below, `but` not at some places and below them.
        """
        ...

    async def close(self) -> None:
        """Write everything down and let go of the files."""
        ...
