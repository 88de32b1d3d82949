"""What is said, by whom and where: the turn tree of a conversation."""

from enum import StrEnum
from typing import Literal

import msgspec

Role = Literal["user", "persona"]


class TurnState(StrEnum):
    """Say how far a turn has come; continuing an answer makes it PENDING once more."""

    PENDING = "pending"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


class Author(msgspec.Struct, frozen=True):
    """Name somebody who speaks; `id` is unique across bots, such as `discord:1234`."""

    id: str
    name: str


class Place(msgspec.Struct, frozen=True):
    """Name where people talk: `bot/part/part`, such as `discord/GUILD/CHANNEL/THREAD`.

    Settings of a place hold for every place below it.
    """

    key: str

    @property
    def bot(self) -> str:
        """Return the bot's name, which is the first part."""
        return self.key.partition("/")[0]

    @property
    def lineage(self) -> tuple[str, ...]:
        """List the keys whose settings hold here, the widest first, this place last."""
        parts = self.key.split("/")
        return tuple("/".join(parts[:end]) for end in range(1, len(parts) + 1))


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one thing said; a tree, since regenerating or editing adds a sibling.

    Siblings with one parent are variants and at most one of them is `chosen`; the chosen turns
    from the root on are the history. `raw` is what was typed or generated and is what prompts
    are made of, `shown` is what people saw of it. `depth` counts from 0 at the root. `model` is
    the profile's name of the model that wrote an answer, which is `cut` where it ended because it
    was long enough. What a person says `asks` for an answer, unless it was only heard.
    """

    id: str
    parent: str | None
    conversation: str
    role: Role
    author: Author
    created: float
    depth: int = 0
    persona: str = ""
    model: str = ""
    raw: str = ""
    shown: str = ""
    state: TurnState = TurnState.COMPLETE
    chosen: bool = True
    problem: str = ""
    message_ids: tuple[str, ...] = ()
    asks: bool = True
    cut: bool = False


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one run of turns at a place; a reset starts the next one.

    `persona` is a persona reference, `NAME` or `NAME:MODE`; empty means the place's default. What
    was said before `since`, in seconds since the epoch, does not belong to it: 0 where it is the
    first one there.
    """

    id: str
    place: Place
    created: float
    persona: str = ""
    noticed: tuple[str, ...] = ()
    since: float = 0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Point to a turn and where it was said."""

    turn: Turn
    conversation: Conversation
