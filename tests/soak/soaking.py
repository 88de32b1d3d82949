"""A bot and a crowd that uses it, while one thing after another is done to the bot."""

import abc
import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.soak.deployment import Process

SEED = int(os.environ.get("MADANG_SOAK_SEED", "1"))
SECONDS = float(os.environ.get("MADANG_SOAK_SECONDS", "40"))
CALM, PATIENCE = 6.0, 75.0
LATELY = 5.0
"""How long before its death a process may have heard of what it has not written down yet."""

AGAIN = 15.0
"""How long an answer that is made anew may be on its way while the one before is still shown."""


class Crowd(abc.ABC):
    """Be people who use the bot; they are driven one by one."""

    count: int

    @abc.abstractmethod
    async def live(self, number: int, until: float) -> None:
        """Let somebody do one thing after another until a time."""

    @abc.abstractmethod
    def interrupted(self, seconds: float) -> None:
        """Note that the bot dies: what was done so long before may be lost on it."""

    @abc.abstractmethod
    def stopping(self) -> None:
        """Note that the bot is told to end: what is being answered may end where it is."""

    @abc.abstractmethod
    def problems(self) -> Iterator[str]:
        """Say what is wrong with what people see."""

    @abc.abstractmethod
    def sights(self) -> int:
        """Count what was ever seen."""


@dataclass(kw_only=True)
class Soak(abc.ABC):
    """Disturb a bot, and the worker it may have, while a crowd uses it."""

    crowd: Crowd
    bot: Process
    worker: Process | None
    dice: Random = field(default_factory=lambda: Random(SEED))
    disturbances: list[tuple[float, str]] = field(default_factory=list)

    @abc.abstractmethod
    async def come(self) -> None:
        """Start the bot, and wait until it is there."""

    @abc.abstractmethod
    def storm(self) -> None:
        """Let calls fail at random."""

    @abc.abstractmethod
    def calm(self) -> None:
        """Let all calls succeed."""

    @abc.abstractmethod
    async def disturb(self) -> str:
        """Do something to the bot; return what."""

    async def run(self) -> None:
        """Let everybody do what they do for a while, and wait until all is quiet."""
        if self.worker is not None:
            await self.worker.start()
        await self.come()
        self.storm()
        begun = time.monotonic()
        until = begun + SECONDS
        async with asyncio.TaskGroup() as group:
            for number in range(self.crowd.count):
                group.create_task(self.crowd.live(number, until))
            group.create_task(self._weigh(until))
            while time.monotonic() < until:
                await asyncio.sleep(self.dice.uniform(3.0, 8.0))
                at = time.monotonic() - begun
                self.disturbances.append((at, await self.disturb()))
        self.calm()
        await self._quiet()
        self.bot.weigh()

    def choose(self, *what: str) -> str:
        """Choose what to do, to the worker too where there is one."""
        return self.dice.choice([*what, *(["worker"] if self.worker else [])])

    async def restart(self, *, gently: bool) -> None:
        """End the bot, and start it again a little later."""
        self.crowd.interrupted(0 if gently else LATELY)
        if gently:
            self.crowd.stopping()
            await self.bot.leave()
        else:
            await self.bot.kill()
        self.crowd.interrupted(LATELY)
        await asyncio.sleep(self.dice.uniform(0, 2))
        await self.come()

    async def restart_worker(self) -> None:
        """Kill the worker, where there is one, and start it again."""
        if self.worker is not None:
            await self.worker.kill()
            await self.worker.start()

    async def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        await self.bot.kill()
        if self.worker is not None:
            await self.worker.kill()

    def told(self) -> str:
        """Say in a line what was done to the bot."""
        counted = Counter(what for _, what in self.disturbances)
        return f"seed {SEED}: " + ", ".join(f"{count} x {what}" for what, count in counted.items())

    async def _weigh(self, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(1)
            self.bot.weigh()

    async def _quiet(self) -> None:
        """Wait until nothing changes any more, longer where something is missing."""
        end, since, before = time.monotonic() + PATIENCE, time.monotonic(), -1
        while time.monotonic() < end:
            await asyncio.sleep(0.5)
            now = self.crowd.sights()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > CALM and not list(self.crowd.problems()):
                return
