"""The door between bots and workers."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Literal, Protocol

import msgspec

from madang.contract.event import End, Event, Piece, Progress
from madang.contract.request import Request

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
        """Stream the events of a request until its `End`, which is always the last one.

        Begins at the beginning, however late the call: pieces may then be joined, and of
        progress only the newest is told. A request that the queue does not know ends at once
        with the problem `worker_lost`.
        """
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
        """Keep the leases of running requests and learn which to abandon.

        Extends the leases at once, then waits until there is something to tell, for seconds at
        most: a worker calls it over and over from one task, always without those it was told to
        abandon already. Tells of everything the worker has taken, also since the call.
        """
        ...

    async def finish(self, end: End) -> bool:
        """Close a request; False when the attempt is no longer the current one.

        The same `End` again gets the same answer.
        """
        ...

    async def release(self, request: str, attempt: int) -> None:
        """Give a request back unfinished, such as when draining, to be taken next.

        It does not count as a failure, but the next delivery has a new `attempt` all the same,
        so that late events of this one are told apart.
        """
        ...

    async def close(self) -> None:
        """Refuse new submissions and end every wait."""
        ...
