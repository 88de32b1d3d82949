"""Who waits: requests by model and class, and whose turn is next."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import get_args

from madang.contract import Request, RequestClass
from madang.queue.fair import FairQueue, Ticket

CLASSES: Sequence[RequestClass] = get_args(RequestClass)
BULK_EVERY = 16


class Waiting:
    """Order requests by class, and fairly between users within one.

    One take in 16 serves the classes in reverse, so that bulk work goes on while people chat.
    """

    def __init__(self) -> None:
        self._queues: dict[tuple[str, RequestClass], FairQueue] = defaultdict(FairQueue)
        self._requests: dict[str, Request] = {}
        self._users: Counter[str] = Counter()
        self._takes: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._requests)

    def of_user(self, user: str) -> int:
        """Count what somebody has waiting."""
        return self._users[user]

    def push(self, request: Request) -> Ticket:
        """Let a request wait behind those of its user."""
        self._note(request)
        return self._queue(request).push(request.id, request.user)

    def restore(self, request: Request, ticket: Ticket) -> None:
        """Let a request wait where it waited before it was taken."""
        self._note(request)
        self._queue(request).restore(ticket)

    def remove(self, request: Request) -> None:
        """Let a request wait no longer."""
        self._queue(request).remove(request.id)
        self._forget(request)

    def pop(self, models: Collection[str], *, bulk: bool = True) -> str | None:
        """Take the id whose turn it is among some models; `bulk` says whether it may be bulk."""
        for kind in self._order(models):
            if kind == "bulk" and not bulk:
                continue
            tickets = [(t.number, m) for m in models if (t := self._queues[m, kind].first())]
            if tickets:
                _, model = min(tickets)
                self._takes[model] += 1
                ticket = self._queues[model, kind].pop()
                self._forget(self._requests[ticket.item])
                return ticket.item
        return None

    def places(self, model: str) -> Iterator[tuple[str, int]]:
        """Pair the ids that wait for a model with their positions, which count from 1."""
        queues = (self._queues[model, kind] for kind in CLASSES)
        return zip(itertools.chain.from_iterable(queues), itertools.count(1), strict=False)

    def _order(self, models: Collection[str]) -> Sequence[RequestClass]:
        takes = sum(self._takes[model] for model in models)
        return CLASSES[::-1] if takes % BULK_EVERY == BULK_EVERY - 1 else CLASSES

    def _queue(self, request: Request) -> FairQueue:
        return self._queues[request.model, request.request_class]

    def _note(self, request: Request) -> None:
        self._requests[request.id] = request
        self._users[request.user] += 1

    def _forget(self, request: Request) -> None:
        del self._requests[request.id]
        self._users[request.user] -= 1
        if not self._users[request.user]:
            del self._users[request.user]
