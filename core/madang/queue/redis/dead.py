"""The dead letters: requests that nobody could answer, kept for somebody to look at."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from madang.contract import Request
from madang.queue.redis.codec import read_request, write_request
from madang.queue.redis.link import Link

PAGE = 100
FRESH_SECONDS = 3600.0
"""How long a letter that was put back may wait: nobody sits before it, and it must not get lost."""
UNSEEN = 100
"""More deliveries than a request can have had of which nothing is known; numbers may have gaps."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Hold one dead letter; `entry` is its place in the stream, `size` is in bytes.

    `failures` counts the workers that were lost with it.
    """

    entry: str
    id: str
    why: str
    model: str
    user: str
    bot: str
    failures: int
    size: int

    @property
    def name(self) -> str:
        """Return what it is asked for by: the request's id where it has one."""
        return self.id or self.entry

    @property
    def written(self) -> float:
        """Return when it was given up, in seconds since the epoch."""
        return int(self.entry.partition("-")[0]) / 1000


@dataclass(frozen=True, kw_only=True)
class Retried:
    """Answer to putting a letter back; `told` says that its bot has heard of its end already.

    `admission` is `ok`, `busy`, `conversation_busy` or `no_worker` as for any request, `under_way`
    when the request waits or runs again by itself, `gone` when there is no such letter any more,
    and `unreadable`.
    """

    admission: str
    position: int = 0
    told: bool = False


class DeadLetters:
    """Read the dead letters of a deployment, put them back or forget them."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def all(self) -> Sequence[Letter]:
        """List every letter, the oldest first."""
        return [letter async for letter in self._pages()]

    async def body(self, letter: Letter) -> bytes:
        """Return the encoded request as it was queued; empty when the letter is gone."""
        found = await self._link.run("dead", letter.entry, 1, 1)
        if not found or _word(found[0][0]) != letter.entry:
            return b""
        body: bytes = found[0][-1]
        return body

    async def request(self, letter: Letter) -> Request | None:
        """Return the request; None when this version cannot read it."""
        return read_request(await self.body(letter), letter.id)

    async def retry(self, letter: Letter) -> Retried:
        """Put a letter back among those who wait, with time anew and behind those who chat.

        One that its workers were lost with runs alone, once. It stops being a dead letter when it
        is admitted, and becomes one again if it fails again.
        """
        request = await self.request(letter)
        if request is None:
            return Retried(admission="unreadable")
        admission, position, told = await self._link.run(
            "dead_retry", *self._arguments(letter, _renewed(request))
        )
        return Retried(admission=admission.decode(), position=position, told=bool(told))

    async def drop(self, letters: Sequence[Letter]) -> None:
        """Forget letters for good."""
        for first in range(0, len(letters), PAGE):
            entries = [letter.entry for letter in letters[first : first + PAGE]]
            await self._link.run("dead_drop", *entries)

    def _arguments(self, letter: Letter, request: Request) -> tuple[str | bytes | int, ...]:
        terms = self._link.terms
        return (
            letter.entry,
            request.id,
            request.nonce,
            request.conversation,
            request.user,
            request.model,
            request.request_class,
            letter.bot,
            round(FRESH_SECONDS * 1000),
            write_request(request, 2 * terms.body_bytes),
            max(1, terms.attempts - 1) if letter.failures else 0,
            letter.failures + UNSEEN,
            terms.max_waiting,
        )

    async def _pages(self) -> AsyncIterator[Letter]:
        start = "-"
        while found := await self._link.run("dead", start, PAGE, 0):
            for each in found:
                yield _letter(*each)
            start = f"({_word(found[-1][0])}"


def _renewed(request: Request) -> Request:
    chatted = request.request_class == "interactive"
    return replace(
        request,
        deadline=time.time() + FRESH_SECONDS,
        request_class="background" if chatted else request.request_class,
    )


def _letter(*found: Any) -> Letter:
    entry, id, why, model, user, bot = map(_word, found[:6])
    failures, size = found[6:]
    return Letter(
        entry=entry,
        id=id,
        why=why,
        model=model,
        user=user,
        bot=bot,
        failures=failures,
        size=size,
    )


def _word(found: bytes) -> str:
    return found.decode("utf-8", "replace")
