"""What people say is safe once Telegram was told that it came, whenever the process is killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import NetworkError
from tests.bots.telegram.world import base_of, write

from madang.contract import Author, Store
from madang.store import SqliteStore
from madang.testing.telegram import Chat, Person, TelegramServer
from madang_telegram.heard import Heard
from madang_telegram.inbox import NOTES, Inbox
from madang_telegram.places import Spot

PROGRAM = """
import argparse, asyncio, sys
from dataclasses import replace
from tests.bots.telegram.world import FAST, a_setup
from madang.yard import open_yard
from madang_telegram import TelegramBot

async def main():
    setup = a_setup(sys.argv[1], {"MADANG_HOME": sys.argv[3]})
    async with open_yard(setup) as yard:
        pace = replace(FAST, quiet=float(sys.argv[2]))
        await TelegramBot(pace=pace).run(yard, argparse.Namespace())

asyncio.run(main())
"""
MINJI = {"id": 7, "is_bot": False, "first_name": "민지"}
CHAT = {"id": 7, "type": "private", "first_name": "민지"}


@contextmanager
def process(profile: Path, home: Path, quiet: float) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the bot in a process of its own, which waits so long for the end of a question.

    It is killed at the end of the block.
    """
    root = Path(__file__).parents[3]
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(profile), str(quiet), str(home)],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_a_question_survives_kill_9_before_it_was_asked(
    server: TelegramServer,
    minji: Person,
    chat: Chat,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    webhook: bool,
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", server.token)
    more = a_webhook(server) if webhook else ""
    profile = write(tmp_path, base_of(server), more)
    with process(profile, tmp_path, 600):
        minji.says(chat, "하나")
        last = minji.says(chat, "이 말은 사라지지 않아요")
        minji.edits(last, "이 말은 바뀌어도 사라지지 않아요")
        # Telegram forgets what it was told to have come.
        await server.until(lambda: not server.world.updates.row, 30)
    assert chat.transcript.answers() == []
    with process(profile, tmp_path, 0.01) as second:
        await chat.transcript.until(lambda seen: "바뀌어도" in "".join(seen.answers()), 30)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(second.wait) == 0
    assert len(chat.transcript.answers()) == 1
    store = await SqliteStore.open(tmp_path / "talk.db")
    assert await store.kept("telegram") == {}
    await store.close()


def a_webhook(server: TelegramServer) -> str:
    """Return the option of a webhook that reaches a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server.proxies["bot.example"] = f"http://127.0.0.1:{port}"
    return f'webhook = {{ url = "https://bot.example/hook", listen = "127.0.0.1:{port}" }}'


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Return an empty store."""
    store = await SqliteStore.open(tmp_path / "notes.db")
    yield store
    await store.close()


def an_update(number: int, text: str = "안녕", *, message: int = 1, **more: Any) -> Update:
    """Return an update about a message, edited where it is `edited_message`."""
    kind = more.pop("kind", "message")
    body = {"message_id": message, "date": 1, "chat": CHAT, "from": MINJI, "text": text, **more}
    return Update.de_json({"update_id": number, kind: body}, Bot("1:a"))


def texts_in(inbox: Inbox) -> list[str | None]:
    """Take all messages out of an inbox."""
    updates = [inbox.get_nowait() for _ in range(inbox.qsize())]
    return [each.message.text for each in updates if isinstance(each, Update) and each.message]


def heard(message: int) -> Heard:
    """Return what a message says."""
    author = Author(id="telegram:7", name="민지")
    return Heard(spot=Spot(7), author=author, message_id=message, text="안녕", created=1)


async def test_an_update_is_kept_before_it_is_queued_until_it_is_done(store: Store) -> None:
    inbox = Inbox(store)
    update = an_update(1)
    await inbox.put(update)
    assert list(await store.kept("telegram", NOTES)) == [f"{NOTES}1"]
    await inbox.put(an_update(1))
    assert inbox.qsize() == 1
    await inbox.done(update)
    assert await store.kept("telegram", NOTES) == {}


async def test_a_message_that_waits_keeps_its_changes_too(store: Store) -> None:
    inbox = Inbox(store)
    said, changed = an_update(1), an_update(2, "둘", kind="edited_message", edit_date=2)
    await inbox.put(said)
    inbox.hold(heard(1))
    await inbox.done(said)
    await inbox.put(changed)
    await inbox.release(heard(1))
    assert list(await store.kept("telegram", NOTES)) == [f"{NOTES}2"]
    await inbox.done(changed)
    assert await store.kept("telegram", NOTES) == {}


async def test_what_was_kept_comes_again_in_its_order_but_not_for_ever(store: Store) -> None:
    inbox = Inbox(store)
    for number, text in ((9, "하나"), (2, "둘")):
        await inbox.put(an_update(number, text, message=number))
    for _ in range(2):
        inbox = Inbox(store)
        await inbox.restore(Bot("1:a"))
        assert texts_in(inbox) == ["하나", "둘"]
    await inbox.put(an_update(9, "하나", message=9))
    assert inbox.empty()
    await Inbox(store).restore(Bot("1:a"))
    assert await store.kept("telegram", NOTES) == {}


async def test_what_somebody_forgot_does_not_come_again(store: Store) -> None:
    await Inbox(store).put(an_update(1))
    await store.forget("telegram:7")
    inbox = Inbox(store)
    await inbox.restore(Bot("1:a"))
    assert inbox.empty()


async def test_what_concerns_nobody_is_not_written_down(store: Store) -> None:
    inbox = Inbox(store)
    inbox.concerns = lambda message: False
    await inbox.put(an_update(1))
    assert await store.kept("telegram") == {}
    assert inbox.qsize() == 1


async def test_an_update_that_cannot_be_kept_is_asked_for_again(store: Store) -> None:
    inbox = Inbox(store)
    await store.close()
    with pytest.raises(NetworkError, match="cannot be kept"):
        await inbox.put(an_update(1))
    assert inbox.empty()
