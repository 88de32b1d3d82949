"""Bots, workers and their server as processes that are killed and stopped at random."""

import asyncio
import contextlib
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from tests.standins import redis_bot, redis_worker
from tests.standins.redis_bot import Journal, question
from tests.standins.redis_server import Server

from madang.queue.redis import Terms
from madang.queue.redis.codec import read_end
from madang.testing.echo import last_question

LEASE = 1.0
BOTS = ("마당쇠", "돌쇠")
WORKERS = ("worker-0", "worker-1")
CHARACTER = "0.002"
"""How long a worker takes for a character, in seconds, as its command line has it."""
PATIENCE = 60.0


class Soak:
    """Disturb a deployment for a while, and check what became of every request."""

    def __init__(self, server: Server, folder: Path, seed: int) -> None:
        self._server = server
        self._folder = folder
        self._randomness = random.Random(seed)
        self._terms = Terms(namespace="soak", lease=LEASE)
        self._processes: dict[str, Process] = {}
        self._ends: Counter[str] = Counter()
        self.memory: list[int] = []
        """The server's memory in bytes, four times a second."""

    async def run(self, seconds: float) -> None:
        """Disturb for so long, and let everything come to its end."""
        async with AsyncExitStack() as stack:
            for name in (*WORKERS, *BOTS):
                await self._start(name)
                stack.push_async_callback(self._kill, name)
            await stack.enter_async_context(_beside(self._listen()))
            await stack.enter_async_context(_beside(self._weigh()))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await self._disturb()
            for names in (BOTS, WORKERS):
                await asyncio.gather(*(self._leave(name) for name in names))
            await self._heard_all()

    def journal(self, bot: str) -> Journal:
        """Read the journal of a bot."""
        return Journal(self._folder / f"{bot}.txt")

    def check(self) -> int:
        """Check that everything asked ended once and right; return how many got an apology."""
        apologies = 0
        for bot in BOTS:
            journal = self.journal(bot)
            assert journal.open == []
            for number, closed in journal.closed.items():
                text = last_question(question(bot, number).prompt)
                assert len(set(closed)) == 1, (bot, number, closed)
                assert closed[0] in (f"ended stop {text}", "ended error worker_lost"), closed
                apologies += closed[0].endswith("worker_lost")
                assert self._ends[f"{bot}-{number}"] == 1, (bot, number, closed)
        return apologies

    async def check_server(self) -> None:
        """Check that nothing waits or runs any more, and that every key lives for a time only."""
        client = Redis.from_url(self._server.url)
        names = [name.decode() async for name in client.scan_iter("*")]
        timeless = [name for name in names if await client.pttl(name) == -1]
        rest = [name.removeprefix(self._terms.prefix).split(":")[0] for name in names]
        dead = await client.xlen(f"{self._terms.prefix}dead")
        await client.aclose()
        assert timeless == []
        assert {"conv", "user", "lease", "held", "q", "waiting", "loading"} & set(rest) == set()
        assert len([kind for kind in rest if kind != "req"]) < 100
        assert dead == self.check()

    async def _disturb(self) -> None:
        await asyncio.sleep(self._randomness.uniform(0.1, 0.6))
        name = self._randomness.choice((*WORKERS, *BOTS))
        match self._randomness.choice(("kill", "kill", "stop", "server")):
            case "kill":
                await self._kill(name)
                await self._start(name)
            case "stop":
                self._processes[name].send_signal(signal.SIGSTOP)
                await asyncio.sleep(self._randomness.uniform(0.1, 1.5) * LEASE)
                self._processes[name].send_signal(signal.SIGCONT)
            case "server":
                self._server.kill()
                await asyncio.sleep(self._randomness.uniform(0, 0.5))
                await asyncio.to_thread(self._server.start)

    async def _start(self, name: str) -> None:
        words = [self._server.url, self._terms.namespace, f"{LEASE}", name]
        if name in BOTS:
            command = [redis_bot.__file__, *words, f"{self._folder / name}.txt"]
        else:
            command = [redis_worker.__file__, *words, CHARACTER, "/dev/null"]
        self._processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=PIPE
        )

    async def _kill(self, name: str) -> None:
        process = self._processes[name]
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def _leave(self, name: str) -> None:
        process = self._processes[name]
        assert process.stdout is not None
        # Before it says so, the signal would kill it.
        assert await process.stdout.readline() == b"ready\n"
        process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0, name

    async def _listen(self) -> None:
        """Count the ends in the streams of the bots, as they come."""
        positions = {f"{self._terms.prefix}r:{bot}": "0-0" for bot in BOTS}
        async with Redis.from_url(self._server.url) as client:
            read: Any = client.xread
            while True:
                with contextlib.suppress(RedisError, OSError):
                    for stream, found in await read(positions, count=512) or ():
                        for position, fields in found:
                            positions[stream.decode()] = position.decode()
                            self._count(fields)
                await asyncio.sleep(0.05)

    def _count(self, fields: dict[bytes, bytes]) -> None:
        end = read_end(fields[b"end"]) if b"end" in fields else None
        if end is not None:
            self._ends[end.request] += 1
        elif b"why" in fields:
            self._ends[fields[b"id"].decode()] += 1

    async def _heard_all(self) -> None:
        """Wait until every end that is in the streams was counted."""
        wanted = sum(len(self.journal(bot).closed) for bot in BOTS)
        async with asyncio.timeout(PATIENCE):
            while True:
                await asyncio.sleep(0.1)
                if len(self._ends) >= wanted:
                    return

    async def _weigh(self) -> None:
        async with Redis.from_url(self._server.url) as client:
            while True:
                with contextlib.suppress(RedisError, OSError):
                    self.memory.append((await client.info("memory"))["used_memory"])
                await asyncio.sleep(0.25)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something beside the block, until its end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
