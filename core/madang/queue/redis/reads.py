"""Reads that wait for entries of streams, each on a connection of its own meanwhile."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from madang.queue.redis.pipe import Line, packed

BLOCK_SECONDS = 5.0
CANCEL_SECONDS = 0.1
ENTRIES_AT_ONCE = 512

Fields = dict[bytes, bytes]
Entry = tuple[str, Fields]


class Reads:
    """Wait for entries; a read that ends leaves its connection to the next one."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._idle: list[Line] = []
        self._waiting: set[asyncio.Task[Any]] = set()
        self._stopped = False

    async def wait(self, positions: Mapping[str, str], seconds: float) -> Sequence[Entry]:
        """Return what comes after a position in any stream; empty when nothing did, or stopped."""
        block = max(1, round(min(seconds, BLOCK_SECONDS) * 1000))
        asked = ("COUNT", ENTRIES_AT_ONCE, "BLOCK", block, "STREAMS")
        command = packed("XREAD", *asked, *positions, *positions.values())
        waiting = asyncio.create_task(self._read(command))
        self._waiting.add(waiting)
        try:
            await asyncio.wait({waiting})
        except asyncio.CancelledError:
            if not self._stopped:
                waiting.cancel()
            await _ended(waiting)
            _ = waiting.cancelled() or waiting.exception()
            raise
        finally:
            self._waiting.discard(waiting)
        found = None if waiting.cancelled() else waiting.result()
        return [entry for _, each in found or [] for entry in entries(each)]

    async def stop(self) -> None:
        """End every read."""
        self._stopped = True
        waiting = list(self._waiting)
        for each in waiting:
            each.cancel()
        for each in waiting:
            await _ended(each)

    async def close(self) -> None:
        """Close the connections of all reads that ended."""
        for line in self._idle:
            await line.close()

    async def _read(self, command: bytes) -> Any:
        line = self._idle.pop() if self._idle else Line(self._client, 2 * BLOCK_SECONDS)
        (answer,) = await line.exchange([command])
        self._idle.append(line)
        if isinstance(answer, Exception):
            raise answer
        return answer


def entries(found: Sequence[tuple[bytes, Sequence[bytes] | None]]) -> list[Entry]:
    """Give entries as the server tells them their names; one that was deleted has no fields."""
    return [
        (position.decode(), dict(zip(fields[::2], fields[1::2], strict=True)))
        for position, fields in found
        if fields
    ]


async def _ended(waiting: asyncio.Future[Any]) -> None:
    """Wait for a cancelled read: the client loses a cancel that meets it while it connects.

    A second one at once would keep it from closing its connection.
    """
    while not (await asyncio.wait({waiting}, timeout=CANCEL_SECONDS))[0]:
        waiting.cancel()
