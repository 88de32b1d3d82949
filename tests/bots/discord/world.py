"""The world of these tests: a profile, two personas, a backend to hold, and the bot at work."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from tests.bots.discord.backend import Storyteller

from madang.contract import Place
from madang.setup import prepare
from madang.testing.discord import DiscordServer
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place as Channel
from madang.yard import Yard, open_yard
from madang_discord.options import options_of
from madang_discord.portal import introduced
from madang_discord.rest import Rest
from madang_discord.serving import Serving
from madang_discord.talk import Talk

PROFILE = """\
persona = "parrot"
[models.held]
backend = "held"
[defaults]
model = "held"
[plugins]
dirs = ["plugins"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[store]
path = "talk.db"
[limits]
message_characters = 6000
{limits}
[bots.discord.options]
burst_seconds = {burst}
{options}
"""

PARROT = """\
name = "parrot"
[text.ko]
title = "앵무새"
description = "따라 하는 새"
greeting = "안녕! 따라 할게."
samples = ["뭐 해?", "날씨가 좋아"]
{notice}
[text.en]
title = "Parrot"
description = "A bird that repeats"
greeting = "Hello! I repeat."
samples = ["What are you doing?"]
[forms.general]
kind = "chat"
history = "all"
[forms.general.sampling]
max_new_tokens = 100000
"""

HELD = """\
import madang
from tests.bots.discord.backend import Storyteller


@madang.hookimpl
def register_backends(register):
    register("held", Storyteller)
"""


def build(
    folder: Path, *, options: str = "", notice: str = "", burst: float = 0.02, limits: str = ""
) -> Path:
    """Write a profile and its personas, and return the profile."""
    for name, title in (("parrot", "앵무새"), ("owl", "올빼미")):
        plugin = folder / "plugins" / name
        plugin.mkdir(parents=True)
        said = f'notice = "{notice}"' if notice else ""
        text = PARROT.format(notice=said).replace("parrot", name).replace("앵무새", title)
        (plugin / "persona.toml").write_text(text, "utf-8")
    (folder / "plugins" / "held.py").write_text(HELD, "utf-8")
    path = folder / "test.toml"
    path.write_text(PROFILE.format(options=options, burst=burst, limits=limits), "utf-8")
    return path


@dataclass(kw_only=True)
class Bot:
    """Be the bot at work in this process; `backend` answers, `stop` ends it gently."""

    serving: Serving
    backend: Storyteller
    yard: Yard

    @property
    def talk(self) -> Talk:
        return self.serving.talk

    def heard(self) -> list[str]:
        """List what the model was given last: questions and answers in their order."""
        segments = self.backend.answered[-1].prompt.segments
        return [each.text for each in segments if each.role != "system"]

    async def shown(self, place: Place) -> list[str]:
        """List what a conversation shows."""
        return [turn.shown for turn in await self.yard.conversations.history(place)]


@contextlib.asynccontextmanager
async def at_work(
    profile: Path, server: DiscordServer, *, slots: int = 8, shards: int = 1
) -> AsyncIterator[Bot]:
    """Run the bot in this process until the end of the block."""
    backend = Storyteller(slots=slots)
    environ = {"MADANG_HOME": str(profile.parent / "home")}
    setup = prepare(profile, environ)
    backends = {**setup.plugins.backends, "held": lambda name, model, /: backend}
    setup = replace(setup, plugins=replace(setup.plugins, backends=backends))
    async with open_yard(setup) as yard, aiohttp.ClientSession() as session:
        found = await introduced(server.token)
        serving = Serving(
            yard=yard,
            options=options_of(setup),
            token=server.token,
            found=found,
            rest=Rest(session, server.token),
        )
        running = asyncio.create_task(serving.run())
        online = asyncio.create_task(server.gateway.online(shards))
        try:
            await asyncio.wait({running, online}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            await online
            yield Bot(serving=serving, backend=backend, yard=yard)
        finally:
            online.cancel()
            serving.stopping.set()
            await running


def by_bot(server: DiscordServer) -> Callable[[Message], bool]:
    """Return what recognises the bot's messages."""
    return lambda message: message.author is server.bot


async def answer(server: DiscordServer, channel: Channel, text: str, **more: Any) -> Message:
    """Wait for a message of the bot that says exactly this."""
    return await channel.finds(
        lambda message: message.author is server.bot and message.content == text, **more
    )


def count(scene: Any, place: Channel | None = None) -> int:
    """Count the bot's messages that stand in a place, the scene's channel unless it is given."""
    channel: Channel = place or scene.channel
    return sum(message.author is scene.server.bot for message in channel.shown())


def environment(folder: Path) -> dict[str, str]:
    """Return an environment that keeps everything in a test's folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MADANG")}
    return {**kept, "MADANG_HOME": str(folder / "home"), "PYTHONUTF8": "1"}
