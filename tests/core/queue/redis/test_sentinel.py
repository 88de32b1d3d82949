"""Sentinels that make the replica the primary while answers are on their way."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.crew import at_work, ends_of, joined
from tests.standins.redis_server import Server, find_server, free_port, running, sentinel

from madang.contract import Request
from madang.queue.redis import Terms
from madang.testing import HeldBackend, a_request, end_of

How = Literal["asked", "killed"]
CONFIG = """\
port {port}
sentinel monitor yard 127.0.0.1 {primary} 1
sentinel down-after-milliseconds yard 200
sentinel failover-timeout yard 4000
"""
PATIENCE = 30.0
ANSWERS = 6


@dataclass(frozen=True)
class Yard:
    """Hold a primary, its replica and the port of the sentinel that watches both."""

    primary: Server
    replica: Server
    port: int

    async def ready(self) -> None:
        """Wait until the sentinel has met a replica that is in step."""
        await until(self.replica, master_link_status="up")
        while (await ask(self.port, "SENTINEL", "MASTER", "yard"))[b"num-slaves"] != b"1":
            await tick()

    async def fail_over(self, how: How) -> None:
        """Have the two change their roles, or the replica take over, and wait until it is so."""
        if how == "killed":
            self.primary.kill()
        else:
            await ask(self.port, "SENTINEL", "FAILOVER", "yard")
            await until(self.primary, role="slave")
        await until(self.replica, role="master")


async def until(server: Server, **state: str) -> None:
    """Wait until a server says so of its replication."""
    while not state.items() <= (await ask(server.port, "INFO", "replication")).items():
        await tick()


async def ask(port: int, *words: str) -> Any:
    """Send one command over a connection of its own."""
    client = Redis(port=port)
    execute: Any = client.execute_command
    try:
        told = await execute(*words)
    finally:
        await client.aclose()
    return dict(zip(told[::2], told[1::2], strict=True)) if isinstance(told, list) else told


async def tick() -> None:
    await asyncio.sleep(0.02)


@contextmanager
def yard(binary: str, folder: Path) -> Iterator[Yard]:
    with ExitStack() as stack:
        for name in ("primary", "replica", "sentinel"):
            (folder / name).mkdir(parents=True)
        quick = ("--repl-diskless-sync-delay", "0")
        primary = stack.enter_context(running(binary, folder / "primary", quick))
        follow = ("--replicaof", "127.0.0.1", f"{primary.port}")
        replica = stack.enter_context(running(binary, folder / "replica", follow))
        port, config = free_port(), folder / "sentinel" / "sentinel.conf"
        config.write_text(CONFIG.format(port=port, primary=primary.port), "utf-8")
        stack.enter_context(sentinel(binary, config, port))
        yield Yard(primary, replica, port)


async def outlive(yard: Yard, how: How) -> None:
    """Be in the middle of answers when the primary changes, and go on."""
    terms = Terms(lease=2.0, max_waiting_per_user=2 * ANSWERS)
    url = f"redis+sentinel://127.0.0.1:{yard.port}/yard"
    backend, asked = HeldBackend(slots=ANSWERS), [_request(n) for n in range(2 * ANSWERS)]
    async with (
        asyncio.timeout(PATIENCE),
        joined(url, terms, "bot") as bot,
        joined(url, terms) as hands,
        at_work(hands, "worker", backend),
    ):
        reading = [asyncio.create_task(end_of(bot, each)) for each in asked[:ANSWERS]]
        await backend.held.wait()
        await yard.fail_over(how)
        backend.go.set()
        ends = await asyncio.gather(*reading, *(end_of(bot, each) for each in asked[ANSWERS:]))
    assert [end.text for end in ends] == [f"{n}번째 질문" for n in range(2 * ANSWERS)]
    told = await ends_of(yard.replica.url, terms, ["bot"])
    assert told == Counter(each.id for each in asked)


def _request(number: int) -> Request:
    return a_request(f"{number}번째 질문", id=f"{number}")


# A sentinel takes ten seconds to tell the old primary that it is one no more.
@pytest.mark.parametrize("how", ["killed", pytest.param("asked", marks=pytest.mark.soak)])
async def test_bots_and_workers_follow_the_primary(tmp_path: Path, how: How) -> None:
    binaries = [binary for kind in ("redis", "valkey") if (binary := find_server(kind))]
    with ExitStack() as stack:
        yards = [
            stack.enter_context(yard(binary, tmp_path / f"{n}"))
            for n, binary in enumerate(binaries)
        ]
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for each in yards:
                group.create_task(each.ready())
        async with asyncio.TaskGroup() as group:
            for each in yards:
                group.create_task(outlive(each, how))
