"""The way to the server: scripts, blocking reads, and patience while it is away."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from madang.queue.redis.address import Address
from madang.queue.redis.faults import fault, passes
from madang.queue.redis.pipe import Line, Pipe, Word
from madang.queue.redis.reads import BLOCK_SECONDS, Entry, Reads, entries
from madang.queue.redis.script import Scripts
from madang.queue.redis.terms import Terms

_log = logging.getLogger(__name__)

COMMAND_SECONDS = 2.0
"""Less than the patience, so that an answer that was lost on its way is asked for again."""
PATIENCE = 3.0
"""How long somebody who waits for the answer waits for the server, in seconds."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
CONNECTIONS = 1024


class Link:
    """Talk with one server; nothing is written by a client that tries again by itself.

    Commands share one connection, and renewals have their own, since they have to fail well within
    a lease. Each read that blocks keeps a connection for itself.
    """

    def __init__(self, address: Address, terms: Terms) -> None:
        self.address = address
        self.terms = terms
        self.closed = False
        self._scripts = Scripts(terms)
        self._client = address.client(connections=CONNECTIONS)
        self._commands = Pipe(Line(self._client, COMMAND_SECONDS))
        self._renewals = Pipe(Line(self._client, max(0.2, terms.lease / 5)))
        self._reads = Reads(self._client)
        self._away = False
        self._under_way = 0

    async def run(self, script: str, *arguments: Word, patience: float = PATIENCE) -> Any:
        """Run a script, again while the server is away and `patience` seconds have not passed."""
        return await self._patiently(
            lambda: self._scripts.run(self._commands, script, *arguments), patience
        )

    async def insist(self, script: str, *arguments: Word) -> Any:
        """Run a script, again until the server is there or, for a while, the queue is closed."""
        return await self.run(script, *arguments, patience=float("inf"))

    async def renew(self, *arguments: Word) -> Any:
        """Run `renew` once, with little time."""
        return await self._patiently(
            lambda: self._scripts.run(self._renewals, "renew", *arguments), 0.0
        )

    async def entries(self, stream: str, after: str, until: str) -> Sequence[Entry]:
        """Read what is in a stream after one entry and up to another."""
        found = await self._patiently(
            lambda: self._commands.ask("XRANGE", self.terms.prefix + stream, f"({after}", until),
            float("inf"),
        )
        return entries(found)

    async def read(
        self, positions: Mapping[str, str], seconds: float = BLOCK_SECONDS
    ) -> Sequence[Entry]:
        """Wait for entries after those positions in any stream; nothing came, or closed: empty."""
        if self.closed:
            return []
        named = {self.terms.prefix + name: position for name, position in positions.items()}
        try:
            return await self._reads.wait(named, seconds)
        except (RedisError, OSError) as error:
            self._note_away(error)
            await asyncio.sleep(FIRST_PAUSE)
            return []

    async def information(self) -> Mapping[str, Any]:
        """Ask the server what it is; empty where this user may not."""
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                found: Mapping[str, Any] = await self._client.info()
        except NoPermissionError:
            return {}
        except TimeoutError as late:
            raise fault(TimeoutError("no answer"), self.address.shown) from late
        except (RedisError, OSError) as error:
            raise fault(error, self.address.shown) from error
        return found

    async def stop(self) -> None:
        """End every read that blocks."""
        self.closed = True
        await self._reads.stop()

    async def close(self) -> None:
        """Close all connections; who still runs a script gets a connection just for that."""
        if self._under_way == 0:
            for each in (self._commands, self._renewals, self._reads):
                await each.close()
            await _close(self._client)

    async def _patiently(self, attempt: Callable[[], Awaitable[Any]], patience: float) -> Any:
        self._under_way += 1
        try:
            return await self._try(attempt, patience)
        finally:
            self._under_way -= 1
            if self.closed:
                await self.close()

    async def _try(self, attempt: Callable[[], Awaitable[Any]], patience: float) -> Any:
        begun, pause = time.monotonic(), FIRST_PAUSE
        while True:
            try:
                answer = await attempt()
            except (RedisError, OSError) as error:
                left = begun + (PATIENCE if self.closed else patience) - time.monotonic()
                if not passes(error) or left <= 0:
                    raise fault(error, self.address.shown) from error
                self._note_away(error)
                await asyncio.sleep(min(pause * random.uniform(0.5, 1.0), left))
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._note_back()
                return answer

    def _note_away(self, error: Exception) -> None:
        if not passes(error):
            raise fault(error, self.address.shown) from error
        if not self._away:
            self._away = True
            _log.warning("The queue's server at %s is away: %s", self.address.shown, error)

    def _note_back(self) -> None:
        if self._away:
            self._away = False
            _log.warning("The queue's server at %s is back.", self.address.shown)


async def _close(client: Redis) -> None:
    sentinels = getattr(client.connection_pool, "sentinel_manager", None)
    for each in (client, *(sentinels.sentinels if sentinels else ())):
        await each.aclose()
        await each.connection_pool.disconnect()
