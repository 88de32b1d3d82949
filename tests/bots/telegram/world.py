"""The world of these tests: a profile with two personas, and the bot that serves it."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from madang.contract import Backend
from madang.setup import Setup, prepare
from madang.testing.telegram import TelegramServer
from madang.yard import Yard, open_yard
from madang_telegram import TelegramBot
from madang_telegram.lanes import Pace

FREE = ((10_000, 1.0),)
FAST = Pace(
    private=FREE,
    group=FREE,
    overall=(10_000, 1.0),
    private_edits=0.0,
    group_edits=0.0,
    drafts=0.0,
    quiet=0.01,
    split=0.05,
    patience=0.3,
    retry=0.01,
)

PROFILE = """\
persona = "parrot"
[models.echo]
backend = "echo"
context = 100000
[defaults]
model = "echo"
[defaults.sampling]
max_new_tokens = 20000
[plugins]
dirs = ["plugins"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[store]
path = "talk.db"
[limits]
message_characters = 15000
[bots.telegram.options]
base_url = "{base}"
{more}
"""

PARROT = """\
name = "parrot"
[text.ko]
title = "앵무새"
description = "따라 하는 새"
greeting = "안녕! 따라 할게."
samples = ["뭐 해?", "날씨가 좋아"]
[text.en]
title = "Parrot"
description = "A bird that repeats"
greeting = "Hello! I repeat."
samples = ["What are you doing?"]
[forms.general]
kind = "chat"
history = "all"
"""
OWL = PARROT.replace("parrot", "owl").replace("앵무새", "올빼미").replace("Parrot", "Owl")


def write(folder: Path, base: str, more: str = "") -> Path:
    """Write the profile and its personas; `more` is appended to the bot's options."""
    for name, text in (("parrot", PARROT), ("owl", OWL)):
        home = folder / "plugins" / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "persona.toml").write_text(text, "utf-8")
    path = folder / "test.toml"
    path.write_text(PROFILE.format(base=base, more=more), "utf-8")
    return path


def a_setup(profile: Path, environ: Mapping[str, str], backend: Backend | None = None) -> Setup:
    """Read a profile; `backend` takes the place of every echo backend."""
    setup = prepare(profile, environ)
    if backend is None:
        return setup
    backends = {**setup.plugins.backends, "echo": lambda name, model, /: backend}
    return replace(setup, plugins=replace(setup.plugins, backends=backends))


@asynccontextmanager
async def running(setup: Setup, *, pace: Pace = FAST) -> AsyncIterator[Yard]:
    """Run the bot as its command does, until the end of the block."""
    bot = TelegramBot(pace=pace)
    async with open_yard(setup) as yard:
        serving = asyncio.create_task(bot.run(yard, argparse.Namespace()))
        ready = asyncio.create_task(bot.ready.wait())
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if serving.done():
                await serving
            yield yard
        finally:
            ready.cancel()
            bot.stop.set()
            await serving


def base_of(server: TelegramServer) -> str:
    """Return what a profile says as `base_url`."""
    return server.base_url.removesuffix("/bot")
