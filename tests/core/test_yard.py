"""The whole, running: what starts with it and what it cleans up."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest
from tests.core.worker.heavy import Heavy

from madang.contract import Output, Place, Request
from madang.errors import SettingsError, StoreTooNew
from madang.setup import prepare
from madang.testing import EchoBackend, open_chat
from madang.yard import open_yard

SECONDS = 10
"""Less than a worker gives those that people still wait for."""
ECHO = """\
persona = "assistant"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
"""


def profile_of(tmp_path: Path, more: str = "") -> Path:
    path = tmp_path / "test.toml"
    path.write_text(ECHO + more, "utf-8")
    return path


async def test_what_is_older_than_the_profile_keeps_is_deleted_at_start(tmp_path: Path) -> None:
    store = tmp_path / "talk.db"
    old = Place("test/old")
    async with open_chat(profile_of(tmp_path), store=str(store)) as chat:
        await chat.yard.store.conversation(old)
        await chat.ask("새것")
        assert await chat.yard.store.places("test") == [old, chat.place]
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE conversation SET touched = 0 WHERE place = ?", (old.key,))
    keeping = profile_of(tmp_path, "[store]\nretention_days = 30\n")
    async with open_chat(keeping, store=str(store)) as chat:
        assert await chat.shown() == ["새것", "새것"]
        assert await chat.yard.store.places("test") == [chat.place]


@pytest.mark.parametrize(("memory", "state"), [("2MiB", "complete"), ("1MiB", "failed")])
async def test_models_get_the_memory_that_the_profile_grants(
    tmp_path: Path, memory: str, state: str
) -> None:
    profile = profile_of(tmp_path, f"[pool]\nmemory = '{memory}'\n")
    async with open_chat(profile, backend=Heavy(2 * 2**20)) as chat:
        assert (await chat.ask("하나")).state.value == state


async def test_an_unknown_queue_is_named(tmp_path: Path) -> None:
    setup = prepare(profile_of(tmp_path, "[queue]\nkind = 'rabbit'\n"), {})
    with pytest.raises(SettingsError, match="rabbit"):
        async with open_yard(setup, store=":memory:"):
            pass


async def test_a_newer_store_stops_the_start(tmp_path: Path) -> None:
    store = tmp_path / "talk.db"
    async with open_chat(profile_of(tmp_path), store=str(store)) as chat:
        await chat.ask("하나")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreTooNew):
        async with open_chat(profile_of(tmp_path), store=str(store)):
            pass


class Silent(EchoBackend):
    """Begin every answer, and never say a word."""

    begun = False

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        self.begun = True
        await asyncio.Event().wait()
        yield Output()


async def test_the_end_waits_for_no_answer_that_nobody_will_hear(tmp_path: Path) -> None:
    backend = Silent("echo")
    async with asyncio.timeout(SECONDS), open_chat(profile_of(tmp_path), backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        while not backend.begun:  # noqa: ASYNC110 - a backend rings no bell
            await asyncio.sleep(0)
        await chat.conversations.close()
