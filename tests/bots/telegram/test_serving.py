"""How it begins and ends: in time, whatever Telegram says, and one chat holds up no other."""

import argparse
import asyncio
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.world import FAST, a_setup, base_of, write

from madang.errors import SettingsError
from madang.testing import EchoBackend
from madang.testing.telegram import Broken, Chat, Flood, Person, Slow, TelegramServer
from madang.yard import open_yard
from madang_telegram import TelegramBot

PATIENT = replace(FAST, patience=0.8)


async def refused(server: TelegramServer) -> None:
    """Wait until Telegram has asked the bot to wait."""
    await server.until(lambda: any(call.code == 429 for call in server.calls))


@pytest.mark.parametrize(
    ("method", "words"), [("sendMessage", "/help"), ("editMessageText", "하나")]
)
async def test_it_ends_in_time_whatever_penalty_holds(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat, method: str, words: str
) -> None:
    server.faults.plan(Flood(60), method, chat=chat)
    async with bot(EchoBackend(), pace=PATIENT):
        minji.says(chat, words)
        await refused(server)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2 * PATIENT.patience


async def test_it_ends_in_time_though_many_wait_for_their_turn(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    async with bot(EchoBackend(), pace=replace(PATIENT, group=((1, 60.0),))):
        for _ in range(3):
            minji.says(group, "/help@madang_bot")
        await server.until(lambda: any(call.method == "sendMessage" for call in server.calls))
        begun = time.monotonic()
    assert time.monotonic() - begun < 2 * PATIENT.patience


async def test_it_ends_in_time_though_telegram_does_not_answer(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend(), pace=PATIENT):
        for method in ("getUpdates", "sendMessage"):
            server.faults.plan(Slow(60), method, times=99)
        minji.says(chat, "/help")
        await server.until(lambda: not server.world.updates.row)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2 * PATIENT.patience


async def test_what_could_not_be_told_in_time_is_not_done_twice(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend(), pace=PATIENT) as yard:
        minji.says(chat, "하나")
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
        server.faults.plan(Flood(60), "sendMessage", chat=chat)
        minji.says(chat, "/undo")
        await refused(server)
        store = yard.store
        assert await store.kept("telegram", "update/")
    async with bot(EchoBackend()) as yard:
        assert await yard.store.kept("telegram", "update/") == {}


async def test_a_penalty_of_one_group_stops_nobody_else(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, chat: Chat, group: Chat
) -> None:
    server.world.privacy = False
    server.faults.plan(Flood(60), "sendMessage", chat=group)
    async with bot(EchoBackend()):
        minji.says(group, "/help@madang_bot")
        await refused(server)
        for number in range(300):
            junho.says(group, f"우리끼리 {number}")
        minji.says(chat, "나는 어때?")
        await chat.transcript.until(lambda seen: "나는 어때?" in seen.answers())


async def test_it_can_be_stopped_while_telegram_is_down(
    server: TelegramServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", server.token)
    server.faults.plan(Broken(502), "deleteWebhook", times=999)
    setup = a_setup(write(tmp_path, base_of(server)), {"MADANG_HOME": str(tmp_path)})
    async with open_yard(setup) as yard:
        telegram = TelegramBot(pace=FAST)
        serving = asyncio.create_task(telegram.run(yard, argparse.Namespace()))
        await server.until(lambda: any(call.code == 502 for call in server.calls))
        telegram.stop.set()
        assert await asyncio.wait_for(serving, 5) == 0


async def test_the_start_waits_for_telegram(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Broken(502), "deleteWebhook", times=3)
    async with bot(EchoBackend()):
        minji.says(chat, "하나")
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])


async def test_a_webhook_that_telegram_refuses_stops_the_start(bot: Bot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    hook = f'webhook = {{ url = "https://bot.example:1234/hook", listen = "127.0.0.1:{port}" }}'
    with pytest.raises(SettingsError, match="does not take the webhook"):
        async with bot(EchoBackend(), more=hook):
            pass


async def test_a_penalty_is_waited_out_over_a_restart(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat, group: Chat
) -> None:
    server.faults.plan(Flood(60), "sendMessage", chat=chat)
    async with bot(EchoBackend(), pace=PATIENT):
        minji.says(chat, "하나")
        await refused(server)
    before = len(server.calls)
    async with bot(EchoBackend(), pace=PATIENT):
        minji.says(group, "@madang_bot 둘")
        await group.transcript.until(lambda seen: seen.answers() == ["둘"])
    assert [call for call in server.calls[before:] if call.chat_id == chat.id] == []
