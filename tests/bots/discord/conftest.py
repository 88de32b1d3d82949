"""The stand-in with a guild, a channel and two people, and a profile for the bot."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from tests.bots.discord import world
from tests.bots.discord.making import PairMaker, with_maker
from tests.bots.discord.world import build

from madang.testing.discord import DiscordServer, Person, Rules, open_discord
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.places import Place
from madang_discord import ears, lanes, rest, serving, surface


@dataclass(kw_only=True)
class Scene:
    server: DiscordServer
    guild: Guild
    channel: Place
    mina: Person
    boram: Person


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what the live service makes us wait for."""

    async def at_once(self: object, shard: int | None, *, initial: bool = False) -> None:
        return None

    begin = discord.AutoShardedClient.__init__

    def begun(self: discord.AutoShardedClient, **options: object) -> None:
        begin(self, **{"guild_ready_timeout": 0.02, **options})  # type: ignore[arg-type]

    monkeypatch.setattr(discord.AutoShardedClient, "__init__", begun)
    monkeypatch.setattr(ears.Ears, "before_identify_hook", at_once)
    monkeypatch.setattr(lanes, "PREVIEW_SECONDS", 0.02)
    monkeypatch.setattr(rest, "CUT_SECONDS", 0.01)
    monkeypatch.setattr(surface, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(serving, "FIRST_PAUSE", 0.01)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return build(tmp_path)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a profile whose model makes questions of documents."""
    monkeypatch.setattr(world, "Storyteller", PairMaker)
    return with_maker(tmp_path)


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_discord(Rules().scaled(0.02)) as server:
        guild = server.guild("마당")
        yield Scene(
            server=server,
            guild=guild,
            channel=server.channel(guild, "잡담"),
            mina=server.person("미나", guild),
            boram=server.person("보람", guild),
        )
