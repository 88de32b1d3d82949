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
