"""A crowd on Discord while everything fails at random: in the end every answer is there, once.

Discord tells nobody what was edited or deleted between two sessions, nor what became of an
interaction whose process died: there, either wording may be answered, and an answer may stay.
MADANG_SOAK_SEED chooses another course of things, MADANG_SOAK_SECONDS how long it goes on.
"""

import contextlib
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.soak.deployment import Process, left_in_store, write_profile
from tests.soak.discord_crowd import DiscordCrowd
from tests.soak.soaking import LATELY, Soak
from tests.standins.redis_server import find_server, running

from madang.testing.discord import DiscordServer, Rules, open_discord
from madang.testing.discord.state.places import Place

STARTED = 30.0
OPTIONS = """\
[bots.discord.options]
person_per_minute = 0
server_per_minute = 0
person_at_once = 0
server_at_once = 0
"""
POSTS, EDITS = "/channels/*/messages", "/channels/*/messages/*"
HOOKS, CALLBACKS = "/webhooks/*", "/interactions/*"
ROUTES = (
    *(("POST", POSTS), ("PATCH", EDITS), ("DELETE", EDITS), ("GET", POSTS), ("GET", EDITS)),
    *(("PATCH", HOOKS), ("POST", CALLBACKS)),
)
EXPECTED = (200, 201, 204, 404, 429, 500, 502, 503)


@dataclass(kw_only=True)
class DiscordSoak(Soak):
    """Disturb the bot on Discord."""

    server: DiscordServer
    crowd: DiscordCrowd

    async def come(self) -> None:
        """Start the bot, and wait until it hears."""
        hub = self.server.gateway
        hub.sessions.clear()
        before = hub.identified
        await self.bot.start()
        await hub.began(identified=before + 1, limit=STARTED)
        self.crowd.deaf = False

    def storm(self) -> None:
        """Let a share of all calls fail, in every way."""
        faults, dice = self.server.faults, self.dice

        def one_in(count: int) -> dict[str, object]:
            return {"where": lambda body: dice.random() < 1 / count, "times": 1 << 30}

        for method, path in ROUTES:
            faults.limits(method, path, retry_after=dice.uniform(0.3, 1.5), **one_in(20))
            faults.fails(method, path, status=dice.choice((500, 502, 503)), **one_in(30))
            faults.drops(method, path, **one_in(40))
            faults.loses_answer(method, path, **one_in(30))
            faults.slows(method, path, seconds=dice.uniform(0.2, 1.0), **one_in(20))

    def calm(self) -> None:
        """Let all calls succeed."""
        self.server.faults.clear()

    async def disturb(self) -> str:
        """Break the connection in one of many ways, or end the bot or its worker."""
        hub = self.server.gateway
        what = self.choose("close", "cut", "reconnect", "renew", "kill", "kill", "leave")
        match what:
            case "close" | "cut":
                hub.drop(cut=what == "cut")
            case "reconnect":
                hub.ask_to_reconnect()
            case "renew":
                await self._renew()
            case "kill" | "leave":
                await self.restart(gently=what == "leave")
            case "worker":
                await self.restart_worker()
        return what

    async def _renew(self) -> None:
        """End the session: what happens until the next is never told."""
        hub = self.server.gateway
        self.crowd.ledger.forgive(LATELY)
        self.crowd.deaf, before = True, hub.identified
        hub.drop(resumable=False)
        await hub.began(identified=before + 1, limit=STARTED)
        self.crowd.deaf = False

    def problems(self) -> Iterator[str]:
        """Say what is wrong with what people saw, and with what the bot asked of Discord."""
        yield from self.crowd.problems()
        for place in self.crowd.rooms():
            for version in place.transcript.versions:
                if version.author == self.server.bot.name and (why := _blemish(version.content)):
                    yield f"{why}: {version.content!r}"
        for each in self.server.requests.all:
            twice = each.status == 400 and each.path.startswith("/interactions/")
            if each.status not in EXPECTED and not twice:
                yield f"refused: {each.method} {each.path} {each.status} {each.body}"

    def story(self) -> str:
        """Print all that was seen, and when what was done to the bot."""
        done = [f"{at:6.2f}s {what}" for at, what in self.disturbances]
        rooms = [line for place in self.crowd.rooms() for line in _told(place)]
        return "\n".join([*done, *rooms])


def _told(place: Place) -> Iterator[str]:
    """Print a transcript with the ids of its messages, and only the beginning of each text."""
    yield f"— {place.id} {place.name}"
    begun = place.transcript.versions[0].at if place.transcript.versions else 0.0
    for each in place.transcript.versions:
        head = f"{each.at - begun:6.2f}s {each.message_id} {each.author} {each.what}"
        above = f" ↪ {each.above}" if each.above else ""
        buttons = f" {list(each.buttons)}" if each.buttons else ""
        yield f"{head}{above}: {each.text[:70]!r}{buttons}"


def _blemish(text: str) -> str:
    if text.count("```") % 2:
        return "half a block of code"
    halves = [
        c == "\ufffd" or unicodedata.category(c) == "Cs" or "\u1100" <= c <= "\u11ff" for c in text
    ]
    return "half a letter" if any(halves) else ""


@contextlib.asynccontextmanager
async def soaking(folder: Path, redis: str) -> AsyncIterator[DiscordSoak]:
    """Have a bot with a crowd; nothing of it is left after the block."""
    profile = write_profile(folder, OPTIONS, redis)
    async with open_discord(Rules().scaled(0.5), point=False) as server:
        token = server.token
        soak = DiscordSoak(
            server=server,
            crowd=DiscordCrowd(server),
            bot=Process(
                profile=profile, command=("bot", "discord"), token=token, discord=server.url
            ),
            worker=Process(profile=profile, command=("worker",), token=token) if redis else None,
        )
        try:
            yield soak
        finally:
            await soak.end()


@pytest.mark.soak
@pytest.mark.parametrize("queue", ["local", "redis"])
async def test_a_crowd_on_discord_in_a_storm(tmp_path: Path, queue: str) -> None:
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
        problems += await left_in_store(tmp_path, "discord")
    print(f"{soak.told()}; {len(soak.crowd.ledger.questions)} questions")
    story = tmp_path / "story.txt"
    story.write_text(soak.story(), "utf-8")
    assert problems == [], f"{soak.told()}; see {story}:\n" + "\n".join(problems)
