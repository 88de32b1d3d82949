"""A queue that is fair between users, however many requests one of them sends."""

import heapq
from collections.abc import Iterator
from typing import NamedTuple


class Ticket(NamedTuple):
    """Hold a place in a fair queue; the smallest is served next."""

    start: int
    number: int
    user: str
    item: str


class FairQueue:
    """Serve users in turn by start-time fair queueing (Goyal, Vin and Cheng, 1996).

    A request starts, in virtual time, where its user's one before it ends, and not earlier than
    the one served last; each lasts one unit. Somebody new thus waits for one round of the users
    who are waiting, not for all of their requests.
    """

    def __init__(self) -> None:
        self._heap: list[Ticket] = []
        self._tickets: dict[str, Ticket] = {}
        self._finish: dict[str, int] = {}
        self._now = 0
        self._number = 0

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[str]:
        """Walk through the items in the order in which they would be served."""
        return (ticket.item for ticket in sorted(self._tickets.values()))

    def push(self, item: str, user: str) -> Ticket:
        """Queue an item behind those of its user."""
        if len(self._finish) > 2 * len(self._tickets) + 64:
            self._forget_passed()
        start = max(self._now, self._finish.get(user, 0))
        self._finish[user] = start + 1
        self._number += 1
        ticket = Ticket(start, self._number, user, item)
        self.restore(ticket)
        return ticket

    def restore(self, ticket: Ticket) -> None:
        """Put a popped item back where it was, which is in front of all that came after it."""
        self._tickets[ticket.item] = ticket
        heapq.heappush(self._heap, ticket)

    def first(self) -> Ticket | None:
        """Return the ticket to be served next."""
        while self._heap and self._tickets.get(self._heap[0].item) is not self._heap[0]:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def pop(self) -> Ticket:
        """Take the item to be served next; `IndexError` when there is none."""
        ticket = self.first()
        if ticket is None:
            raise IndexError("pop from an empty queue")
        heapq.heappop(self._heap)
        self._now = max(self._now, ticket.start)
        self._drop(ticket)
        return ticket

    def remove(self, item: str) -> None:
        """Take an item out unserved, so that its user does not pay for it if it was the last."""
        ticket = self._tickets[item]
        if self._finish.get(ticket.user) == ticket.start + 1:
            self._finish[ticket.user] = ticket.start
        self._drop(ticket)

    def _drop(self, ticket: Ticket) -> None:
        del self._tickets[ticket.item]

    def _forget_passed(self) -> None:
        """Forget who is not owed anything; where nobody is that, the round that goes on is over."""
        self._now = max(self._now, min(self._finish.values()))
        self._finish = {user: tag for user, tag in self._finish.items() if tag > self._now}
