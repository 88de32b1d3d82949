"""A store that takes longer than Discord waits: whoever asks hears in time all the same."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import Bot, answer, at_work

from madang.store import SqliteStore
from madang.testing.discord import Rules, open_discord
from madang.testing.discord.state.interactions import Interaction

WITHIN = 0.5


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """Give the bot half a second to answer."""
    rules = replace(Rules().scaled(0.02), answer_within=WITHIN)
    async with open_discord(rules) as server:
        guild = server.guild("마당")
        yield Scene(
            server=server,
            guild=guild,
            channel=server.channel(guild, "잡담"),
            mina=server.person("미나", guild, allowed=("manage_guild",)),
            boram=server.person("보람", guild),
        )


@contextlib.contextmanager
def held(bot: Bot) -> Iterator[None]:
    """Let the store answer nothing until the end of the block."""
    store, go = bot.yard.store, threading.Event()
    assert isinstance(store, SqliteStore)
    store._thread.submit(go.wait)
    try:
        yield
    finally:
        go.set()


async def test_everything_is_acknowledged_in_time(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        mina, channel = scene.mina, scene.channel
        said = mina.says(channel, "@마당이 안녕")
        found = await answer(scene.server, channel, "안녕")
        await channel.finds(lambda m: m is found and "다시" in m.buttons)
        with held(bot):
            asked = await asyncio.gather(
                *(mina.slash(channel, each) for each in PLAIN),
                mina.slash(channel, "chat", text="이제"),
                mina.slash(channel, "persona use", persona="owl"),
                mina.slash(channel, "persona use", persona="owl", where="server"),
                mina.slash(channel, "persona use", persona="owl", where="me"),
                mina.slash(channel, "persona info", persona="owl"),
                mina.uses_menu("페르소나에게 물어보기", said, channel),
                mina.uses_menu("이 위로는 잊기", said, channel),
                mina.clicks(found, "다시"),
                mina.clicks(found, "지우기"),
            )
            late = [each for each in asked if each.failed]
            assert not late
        await asyncio.gather(*(has_ended(each) for each in asked if each.original is not found))


PLAIN = (
    "reset",
    "retry",
    "stop",
    "history",
    "export",
    "forget",
    "about",
    "help",
    "settings",
    "persona list",
)


async def has_ended(asked: Interaction) -> None:
    """Wait until nothing says any more that the bot is thinking."""

    def ended() -> bool:
        original = asked.original
        shown = original is not None and original.id in original.place.messages
        thinks = original is not None and (original.thinking or original.text.startswith("💭"))
        return not (shown and thinks)

    await asked.place.transcript.bell.until(
        ended, limit=5.0, tell=lambda: f"{asked.title}: {asked.place.transcript}"
    )


async def test_choices_and_dialogues_wait_for_nothing(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        panel = await scene.mina.slash(scene.channel, "settings")
        shown = await panel.shows(lambda message: message.components)
        with held(bot):
            choices = await scene.mina.types(scene.channel, "chat", "persona", "올빼")
            assert choices == [("올빼미", "owl")]
            opened = await scene.mina.clicks(shown, "한도와 보관…")
            assert opened.modal is not None


async def test_choices_that_cannot_be_made_are_none(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)

        def broken(self: object, place: object) -> None:
            raise OSError("gone")

        monkeypatch.setattr(type(bot.yard), "personas", broken)
        assert await scene.mina.types(scene.channel, "chat", "persona", "올") == []
