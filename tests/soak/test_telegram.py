"""A crowd on Telegram while everything fails at random: in the end every answer is there, once.

Telegram takes no key by which a message is sent but once: a lost response, and a process that
dies, may each leave one placeholder behind. Deletions by people are told to no bot.
MADANG_SOAK_SEED chooses another course of things, MADANG_SOAK_SECONDS how long it goes on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.soak.deployment import Process, left_in_store, write_profile
from tests.soak.soaking import Soak
from tests.soak.telegram_crowd import TelegramCrowd
from tests.standins.redis_server import find_server, running

from madang.testing.telegram import (
    Broken,
    Cut,
    Flood,
    Lost,
    Slow,
    TelegramServer,
    blemishes,
    telegram_server,
)

STARTED = 30.0
HELD = 0.6
DOUBLED = 3.0
OPTIONS = """\
[bots.telegram.options]
base_url = "{url}"
per_minute = 1000
"""
METHODS = (
    *("sendMessage", "editMessageText", "sendMessageDraft", "deleteMessage"),
    *("answerCallbackQuery", "sendDocument", "getUpdates"),
)
EXPECTED = (0, 200, 429, 500, 502)


@dataclass(kw_only=True)
class TelegramSoak(Soak):
    """Disturb the bot on Telegram."""

    server: TelegramServer
    crowd: TelegramCrowd

    async def come(self) -> None:
        """Start the bot, and wait until it asks for updates."""
        before = self._polls()
        await self.bot.start()
        await self.server.until(lambda: self._polls() > before, STARTED)

    def storm(self) -> None:
        """Let a share of all calls fail, in every way."""
        dice, faults = self.dice, self.server.faults

        def one_in(count: int) -> Callable[[object], bool]:
            return lambda params: dice.random() < 1 / count

        for method in METHODS:
            for fault, count in (
                (Flood(dice.randint(1, 2)), 20),
                (Broken(dice.choice((500, 502))), 30),
                (Cut(), 40),
                (Lost(), 40),
                (Slow(dice.uniform(0.2, 1.0)), 20),
            ):
                faults.plan(fault, method, times=1 << 30, when=one_in(count))

    def calm(self) -> None:
        """Let all calls succeed."""
        self.server.faults.calm()

    async def disturb(self) -> str:
        """Kill or stop the bot, or let updates come twice or in any order."""
        what = self.choose("kill", "kill", "leave", "doubled", "shuffled", "shuffled")
        match what:
            case "kill" | "leave":
                await self.restart(gently=what == "leave")
            case "doubled":
                self.server.world.updates.doubled = True
                await asyncio.sleep(DOUBLED)
                self.server.world.updates.doubled = False
            case "shuffled":
                self.crowd.shuffled = True
                with self.server.world.updates.held() as row:
                    await asyncio.sleep(HELD)
                    self.dice.shuffle(row)
                self.crowd.reordered(HELD)
                self.crowd.shuffled = False
            case "worker":
                await self.restart_worker()
        return what

    def problems(self) -> Iterator[str]:
        """Say what is wrong with what people saw, and with what the bot asked of Telegram."""
        yield from self.crowd.problems()
        yield from self.server.problems
        for chat in self.server.world.chats.values():
            yield from blemishes(chat.transcript)
        for call in self.server.calls:
            refused = call.code not in EXPECTED and not _passes(call.description)
            if refused:
                yield f"refused: {call.line()} {call.params.values}"

    def story(self) -> str:
        """Print all that was seen, and when what was done to the bot."""
        done = [f"{at:6.2f}s {what}" for at, what in self.disturbances]
        refused = [
            f"{each.began:.2f} {each.line()}" for each in self.server.calls if each.code > 200
        ]
        return "\n".join([*done, *refused, self.server.story()])

    def _polls(self) -> int:
        return sum(call.method == "getUpdates" for call in self.server.calls)


def _passes(description: str) -> bool:
    """Say whether a refusal is nobody's mistake: the same was done before, and told to nobody."""
    why = (
        "not modified",
        "to delete not found",
        "to edit not found",
        "query is too old",
        "terminated by other",
    )
    return any(words in description for words in why)


@contextlib.asynccontextmanager
async def soaking(folder: Path, redis: str) -> AsyncIterator[TelegramSoak]:
    """Have a bot with a crowd; nothing of it is left after the block."""
    async with telegram_server() as server:
        options = OPTIONS.format(url=server.base_url.removesuffix("/bot"))
        profile = write_profile(folder, options, redis)
        token = server.token
        soak = TelegramSoak(
            server=server,
            crowd=TelegramCrowd(server),
            bot=Process(profile=profile, command=("bot", "telegram"), token=token),
            worker=Process(profile=profile, command=("worker",), token=token) if redis else None,
        )
        try:
            yield soak
        finally:
            await soak.end()


@pytest.mark.soak
@pytest.mark.parametrize("queue", ["local", "redis"])
async def test_a_crowd_on_telegram_in_a_storm(tmp_path: Path, queue: str) -> None:
    binary = find_server("redis") if queue == "redis" else None
    if queue == "redis" and binary is None:
        pytest.skip("there is no redis server here")
    (tmp_path / "server").mkdir()
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(running(binary, tmp_path / "server")).url if binary else ""
        async with soaking(tmp_path, url) as soak:
            await soak.run()
            await soak.bot.leave()
            problems = [*soak.problems(), *soak.bot.complaints()]
        problems += await left_in_store(tmp_path, "telegram")
    asked, ignored = len(soak.crowd.ledger.questions), soak.server.budget.ignored
    print(f"{soak.told()}; {asked} questions, {ignored} penalties ignored")
    story = tmp_path / "story.txt"
    story.write_text(soak.story(), "utf-8")
    assert problems == [], f"{soak.told()}; see {story}:\n" + "\n".join(problems)
