"""The server of a deployment: what it is, and what may go wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from madang.queue.redis.health import check
from madang.queue.redis.link import Link

NEARLY_FULL = 0.9


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what a server says of itself; empty, 0 and None where its user may not ask.

    Memory is in bytes, and 0 means no limit; `evicted` counts keys that it dropped for want of it.
    """

    address: str
    kind: str = ""
    version: str = ""
    up: float | None = None
    memory: int = 0
    memory_limit: int = 0
    eviction: str = ""
    evicted: int = 0
    append_only: bool | None = None
    writes: bool = True

    @property
    def problems(self) -> Iterator[str]:
        """Word what loses requests, or soon will."""
        if self.eviction not in ("", "noeviction"):
            yield (
                f"the server drops keys when its memory is full (maxmemory-policy "
                f"{self.eviction}): set it to noeviction"
            )
        if self.evicted:
            yield f"the server has dropped {self.evicted:,} keys for want of memory"
        if self.memory_limit and self.memory > NEARLY_FULL * self.memory_limit:
            share = self.memory / self.memory_limit
            yield f"the server's memory is full to {share:.0%}: raise maxmemory"
        if not self.writes:
            yield "the server cannot write to its disk: see its log"


async def server_of(link: Link) -> Server:
    """Ask a server what it is; `SettingsError` when it is too old."""
    return server_from(await link.information(), link.address.shown)


def server_from(told: Mapping[str, Any], address: str) -> Server:
    """Take from what `INFO` tells what matters here; `SettingsError` when it is too old."""
    check({"redis_version": told.get("redis_version", "")}, address)
    if not told:
        return Server(address=address)
    valkey = "valkey_version" in told
    return Server(
        address=address,
        kind="Valkey" if valkey else "Redis",
        version=str(told["valkey_version" if valkey else "redis_version"]),
        up=_number(told, "uptime_in_seconds"),
        memory=_number(told, "used_memory"),
        memory_limit=_number(told, "maxmemory"),
        eviction=str(told.get("maxmemory_policy", "")),
        evicted=_number(told, "evicted_keys"),
        append_only=bool(told["aof_enabled"]) if "aof_enabled" in told else None,
        writes=all(
            told.get(f"{what}_status", "ok") == "ok"
            for what in ("aof_last_write", "aof_last_bgrewrite", "rdb_last_bgsave")
        ),
    )


def _number(told: Mapping[str, Any], key: str) -> int:
    found = told.get(key, 0)
    return found if isinstance(found, int) else 0
