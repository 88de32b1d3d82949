"""A bot process that asks without end: URL NAMESPACE LEASE NAME JOURNAL.

Everything it does is in the journal, one line each: `asked N`, `accepted N`, `refused N why` and
`ended N reason text`. Started again on the same journal it takes up what was open. On SIGTERM it
asks nothing more and leaves when everything has ended.
"""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from madang.contract import End, Event, Request
from madang.errors import QueueUnreachable
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request

AT_ONCE = 12


class Journal:
    """Keep the lines of a bot, through all its lives."""

    def __init__(self, path: Path) -> None:
        self.asked: set[int] = set()
        self.accepted: set[int] = set()
        self.closed: dict[int, list[str]] = {}
        self._path = path
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            self._take_in(*line.split(maxsplit=2))

    def write(self, what: str, number: int, more: str = "") -> None:
        """Add a line; it is out of the process when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{what} {number} {more}\n")
        self._take_in(what, f"{number}", more)

    @property
    def open(self) -> list[int]:
        """List what was asked and has neither ended nor been refused."""
        return sorted(self.asked - set(self.closed))

    def _take_in(self, what: str, number: str, more: str = "") -> None:
        match what:
            case "asked":
                self.asked.add(int(number))
            case "accepted":
                self.accepted.add(int(number))
            case _:
                self.closed.setdefault(int(number), []).append(f"{what} {more}".strip())


class Bot:
    """Ask as many questions at once as it may, and write down what comes of them."""

    def __init__(self, queue: RedisQueue, name: str, journal: Journal) -> None:
        self.leaving = False
        self._queue = queue
        self._name = name
        self._journal = journal
        self._next = max(journal.asked, default=-1) + 1

    async def run(self) -> None:
        """Take up what is open, and ask on until it is told to leave."""
        running = {asyncio.create_task(self._follow(each)) for each in self._journal.open}
        while running or not self.leaving:
            while len(running) < AT_ONCE and not self.leaving:
                running.add(asyncio.create_task(self._ask()))
            done, running = await asyncio.wait(
                running, timeout=0.2, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()

    async def _ask(self) -> None:
        number, self._next = self._next, self._next + 1
        self._journal.write("asked", number)
        await self._follow(number)

    async def _follow(self, number: int) -> None:
        while number not in self._journal.closed:
            with contextlib.suppress(QueueUnreachable):
                await self._go_on_with(number)

    async def _go_on_with(self, number: int) -> None:
        if number not in self._journal.accepted:
            request = question(self._name, number)
            admission = (await self._queue.submit(request)).admission
            if admission != "ok":
                self._journal.write("refused", number, admission)
                return
            self._journal.write("accepted", number)
        events = [each async for each in self._queue.events(f"{self._name}-{number}")]
        self._journal.write("ended", number, outcome(events))


def question(bot: str, number: int) -> Request:
    """Make the request of a number, the same in every life."""
    text = f"{bot}의 {number}번째 질문" + "입니다" * (number % 5)
    return a_request(text, id=f"{bot}-{number}", user=f"{bot}-{number % 5}")


def outcome(events: list[Event]) -> str:
    """Say how a request ended; `broken` where the pieces are not the beginning of the whole."""
    end = events[-1]
    if not isinstance(end, End):
        return "broken"
    pieces = [each for each in events if each.attempt == end.attempt]
    told = "".join(getattr(each, "text", "") for each in pieces[:-1])
    problem = end.problem.code if end.problem else ""
    return f"{end.reason} {problem or end.text}" if end.text.startswith(told) else "broken"


async def main() -> None:
    """Ask until killed, or told to leave."""
    url, namespace, lease, name, journal = sys.argv[1:]
    terms = Terms(namespace=namespace, lease=float(lease), max_waiting_per_user=AT_ONCE)
    queue = RedisQueue(url, terms=terms, bot=name)
    bot = Bot(queue, name, Journal(Path(journal)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, bot, "leaving", True)
    print("ready", flush=True)
    await bot.run()
    await queue.close()


if __name__ == "__main__":
    asyncio.run(main())
