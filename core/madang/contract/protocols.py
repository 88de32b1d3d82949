"""The doors between the parts: whatever stands behind one passes its contract tests."""

import argparse
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from madang.contract.event import End, Event, Piece, Progress
from madang.contract.model import Capabilities, Model
from madang.contract.prompt import Prompt
from madang.contract.request import Request
from madang.contract.turn import Author, Conversation, Place, Turn, TurnState

if TYPE_CHECKING:
    from madang.yard import Yard

# --- queue -----------------------------------------------------------------------------------

Admission = Literal["ok", "busy", "user_busy", "conversation_busy", "no_worker"]


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """Answer a submission: `position` counts from 1, `eta` is in seconds when known."""

    admission: Admission
    position: int = 0
    eta: float | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Hand a request to a worker; `attempt` counts deliveries from 1 and fences late ones."""

    request: Request
    attempt: int


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """Tell a worker which of its jobs to abandon: cancelled by people, or lost to others."""

    cancelled: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


class Queue(Protocol):
    """Join bots and workers; every operation is idempotent by request id."""

    # the bot's side
    async def submit(self, request: Request) -> Submitted:
        """Admit a request; the same id and nonce again gets the same answer."""
        ...

    def events(self, request: str) -> AsyncIterator[Event]:
        """Stream the events of a request until its `End`, which is always the last one."""
        ...

    async def cancel(self, request: str) -> None:
        """Stop a request; it ends with reason `cancelled` and the text so far."""
        ...

    # the worker's side
    async def take(self, worker: str, models: Collection[str], slots: int) -> Sequence[Job]:
        """Wait for work and return at most `slots` jobs; an empty answer means: ask again."""
        ...

    async def publish(self, events: Sequence[Piece | Progress]) -> None:
        """Send one flush of events of any number of requests."""
        ...

    async def renew(self, worker: str, requests: Collection[str]) -> Renewal:
        """Keep the leases of running requests and learn which to abandon."""
        ...

    async def finish(self, end: End) -> bool:
        """Close a request; False when the attempt is no longer the current one."""
        ...

    async def release(self, request: str, attempt: int) -> None:
        """Give a request back unfinished, such as when draining; no attempt is counted."""
        ...

    async def close(self) -> None:
        """Refuse new submissions and end every wait."""
        ...


# --- store -----------------------------------------------------------------------------------


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
    ) -> None:
        """Change what is given of a turn and leave the rest."""
        ...

    async def turn(self, turn: str) -> Turn | None:
        """Return one turn, or None when it is gone."""
        ...

    async def history(self, conversation: str, limit: int = 128) -> Sequence[Turn]:
        """Return the chosen turns, oldest first; of long ones the last `limit` to 2 x `limit`.

        The first turn moves only once in `limit` turns, so that prompts keep their prefix.
        """
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

        Returns the conversations whose last chosen turn is pending, or a user's, and whose owner
        is dead; this process owns those turns from now on, and nobody else gets them.
        """
        ...

    async def places(self, bot: str) -> Sequence[Place]:
        """List the places of a bot that have a conversation."""
        ...

    async def everything(self, author: str) -> Sequence[Turn]:
        """Return every turn that somebody wrote and the answers to it, for export."""
        ...

    async def forget(self, author: str) -> int:
        """Delete every turn of somebody, and the answers to them; return how many."""
        ...

    async def expire(self, before: float) -> int:
        """Delete conversations whose last turn is older than `before`; return how many."""
        ...

    async def close(self) -> None:
        """Write everything down and let go of the files."""
        ...


# --- backend ---------------------------------------------------------------------------------


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Carry what a backend has generated since the last one; the last one has a `reason`."""

    text: str = ""
    reason: Literal["", "stop", "length"] = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


LoadProgress = Callable[[float], None]


class Backend(Protocol):
    """Serve one model: count, generate, and say beforehand what it can honour."""

    @property
    def capabilities(self) -> Capabilities:
        """Declare what the backend honours; readable without loading anything."""
        ...

    @property
    def context(self) -> int:
        """Return the context in tokens, prompt and answer together; known once loaded."""
        ...

    async def load(self, progress: LoadProgress) -> None:
        """Make the model ready, reporting from 0 to 1; a second call returns at once."""
        ...

    async def count(self, prompt: Prompt) -> int:
        """Count the tokens of a prompt as the model will read it, template included."""
        ...

    def generate(self, request: Request) -> AsyncIterator[Output]:
        """Generate an answer; closing the stream cancels it at the next token."""
        ...

    async def close(self) -> None:
        """Free the model's memory."""
        ...


class BackendFactory(Protocol):
    """Make the backend of one `[models.NAME]` table; cheap, since nothing is loaded yet."""

    def __call__(self, name: str, model: Model) -> Backend:
        """Return a backend, or raise `ModelError` when the table cannot be served."""
        ...


# --- filter ----------------------------------------------------------------------------------


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

    def __call__(self, settings: dict[str, object]) -> Filter:
        """Return a filter, or raise `SettingsError` naming the key that is wrong."""
        ...


# --- bot -------------------------------------------------------------------------------------


class Bot(Protocol):
    """Connect one platform to the conversations."""

    @property
    def name(self) -> str:
        """Return the first part of all its places."""
        ...

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the bot's own options to its command."""
        ...

    async def run(self, yard: "Yard", options: argparse.Namespace) -> int:
        """Serve people until there is nothing left to do; return the exit status."""
        ...
