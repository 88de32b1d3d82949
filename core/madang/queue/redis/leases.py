"""What this process has taken: kept by renewals, and given up when they fail."""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from madang.contract import Renewal
from madang.errors import QueueUnreachable
from madang.queue.redis.link import Link

RENEWALS_A_LEASE = 4
FENCE = 0.9
"""The part of a lease after which a worker that cannot renew stops by itself."""
PAUSE = 0.1


@dataclass(frozen=True)
class Delivery:
    """Say which delivery of a request runs here, for which worker, and who waits for it."""

    worker: str
    attempt: int
    bot: str
    model: str


class Leases:
    """Hold the deliveries of this process's workers and renew them."""

    def __init__(self, link: Link, boot: str) -> None:
        self._link = link
        self._boot = boot
        self._held: dict[str, Delivery] = {}
        self._renewed: dict[str, float] = {}
        self._loading: set[str] = set()

    def hold(self, request: str, delivery: Delivery) -> None:
        """Begin a delivery."""
        self._held[request] = delivery

    def current(self, request: str, attempt: int) -> Delivery | None:
        """Return a delivery that runs here as far as anybody here knows."""
        delivery = self._held.get(request)
        return delivery if delivery and delivery.attempt == attempt else None

    def drop(self, request: str, attempt: int) -> None:
        """End a delivery."""
        if self.current(request, attempt):
            del self._held[request]

    def loads(self, model: str, *, loading: bool) -> bool:
        """Note whether a model loads here; False when that is known already."""
        if loading == (model in self._loading):
            return loading
        (self._loading.add if loading else self._loading.discard)(model)
        return True

    async def renew(self, worker: str, requests: Collection[str]) -> Renewal:
        """Extend the leases, and wait for something to tell, for a quarter of a lease at most."""
        end, renewal = await self._renew(worker, requests)
        if renewal.cancelled or renewal.lost or self._link.closed:
            return renewal
        seconds = self._link.terms.lease / RENEWALS_A_LEASE
        if not end:
            await asyncio.sleep(min(PAUSE, seconds / 8))
        elif await self._link.read({f"ctl:{worker}": end}, seconds):
            _, renewal = await self._renew(worker, requests)
        return renewal

    async def _renew(self, worker: str, requests: Collection[str]) -> tuple[str, Renewal]:
        """Renew once; where the server is away, what may run elsewhere by now is lost."""
        asked = list(requests)
        known = [each for each in self._of(worker) if each not in requests]
        sent = time.monotonic()
        counts = (len(asked), len(known))
        try:
            end, cancelled, lost = await self._link.renew(
                worker, self._boot, *counts, *asked, *known, *self._loading
            )
        except QueueUnreachable:
            since = self._renewed.setdefault(worker, sent)
            if time.monotonic() - since < FENCE * self._link.terms.lease:
                return "", Renewal()
            self._forget(asked)
            return "", Renewal(lost=frozenset(asked))
        self._renewed[worker] = sent
        gone = _words(lost)
        self._forget(gone)
        return end.decode(), Renewal(cancelled=_words(cancelled), lost=gone)

    def _of(self, worker: str) -> Iterator[str]:
        return (request for request, each in self._held.items() if each.worker == worker)

    def _forget(self, requests: Iterable[str]) -> None:
        for request in requests:
            self._held.pop(request, None)


def _words(found: Iterable[bytes]) -> frozenset[str]:
    return frozenset(each.decode() for each in found)
