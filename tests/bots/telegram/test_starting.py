"""Starting and stopping: tokens, options, webhooks, checks, a killed process."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.world import a_setup, base_of, write

from madang.bot_check import examine_bot
from madang.errors import SettingsError
from madang.testing import EchoBackend
from madang.testing.telegram import Broken, Chat, Person, TelegramServer
from madang_telegram import TelegramBot
from madang_telegram.options import read_options

PROGRAM = """
import argparse, asyncio, sys
from tests.bots.telegram.world import FAST, a_setup
from madang.operating import logged
from madang.testing import EchoBackend
from madang.yard import open_yard
from madang_telegram import TelegramBot

class Slow(EchoBackend):
    async def tick(self, number):
        await asyncio.sleep(3600 if number > 4 and sys.argv[2] == "held" else 0)

async def main():
    setup = a_setup(sys.argv[1], {"MADANG_HOME": sys.argv[3]}, Slow())
    with logged(setup):
        async with open_yard(setup) as yard:
            await TelegramBot(pace=FAST).run(yard, argparse.Namespace())

asyncio.run(main())
"""
WHOLE = "이 답은 다시 시작한 뒤에도 다 와요"


def start(profile: Path, home: Path, how: str) -> "subprocess.Popen[str]":
    """Start the bot in a process of its own."""
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(profile), how, str(home)],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_an_answer_survives_kill_9(
    bot: Bot, server: TelegramServer, minji: Person, tmp_path: Path
) -> None:
    group = server.group("마당", minji)
    profile = write(tmp_path, base_of(server))
    first = start(profile, tmp_path, "held")
    minji.says(group, f"@madang_bot {WHOLE}")
    await group.transcript.until(lambda seen: "이 답" in "".join(seen.answers()), 20)
    shown = group.transcript.screen()[-1].id
    first.kill()
    first.communicate()
    second = start(profile, tmp_path, "free")
    await group.transcript.until(lambda seen: seen.answers() == [WHOLE], 20)
    assert group.transcript.screen()[-1].id == shown
    second.send_signal(signal.SIGTERM)
    _, log = await asyncio.to_thread(second.communicate)
    assert second.returncode == 0
    assert server.token not in log
    assert "torch" not in log


async def test_a_webhook_serves_people_and_keeps_others_out(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server.proxies["bot.example"] = f"http://127.0.0.1:{port}"
    hook = f'webhook = {{ url = "https://bot.example/hook", listen = "127.0.0.1:{port}" }}'
    async with bot(EchoBackend(), more=hook):
        minji.says(chat, "안녕하세요")
        await chat.transcript.until(lambda seen: seen.answers() == ["안녕하세요"])
        assert server.world.updates.webhook
        assert len(server.world.updates.webhook.secret_token) > 20
        forged = {"X-Telegram-Bot-Api-Secret-Token": "guessed"}
        async with httpx.AsyncClient() as stranger:
            url = f"http://127.0.0.1:{port}/hook"
            refused = await stranger.post(url, json={"update_id": 1}, headers=forged)
        assert refused.status_code == 403
        minji.says(chat, "또 왔어요")
        await chat.transcript.until(lambda seen: "또 왔어요" in seen.answers())


async def test_a_wrong_token_is_told_without_the_token(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "123456:AAH-this-is-no-token-of-anybody-at-all"
    monkeypatch.setenv("TELEGRAM_TOKEN", wrong)
    with pytest.raises(SettingsError, match="refuses the token") as caught:
        async with bot():
            pass
    assert wrong not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_start_without_network_goes_on_when_it_is_there(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Broken(502), "getMe", times=2)
    async with bot(EchoBackend()):
        minji.says(chat, "이제 되네요")
        await chat.transcript.until(lambda seen: seen.answers() == ["이제 되네요"])
    codes = [call.code for call in server.calls if call.method == "getMe"]
    assert codes[:3] == [502, 502, 200]
    assert chat.transcript.answers() == ["이제 되네요"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('tocken_env = "A"', "Did you mean 'token_env'"),
        ('webhook = { url = "http://bot.example/hook" }', "HTTPS only"),
        ('webhook = { url = "https://a.b/c", listen = "8080" }', "listen"),
        ("triggers = 3", "triggers"),
        ("approve_groups = true", "nobody can approve"),
        ("catch_up_minutes = 0", "catch_up_minutes"),
    ],
)
def test_wrong_options_are_named(tmp_path: Path, more: str, why: str) -> None:
    setup = a_setup(write(tmp_path, "http://127.0.0.1:1", more), {"MADANG_HOME": str(tmp_path)})
    with pytest.raises(SettingsError) as caught:
        read_options(setup, "telegram")
    assert why in str(caught.value)


@pytest.mark.parametrize(("token", "why"), [("", "is not set"), ("abc", "holds no token")])
async def test_a_missing_token_says_where_to_get_one(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, token: str, why: str
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", token)
    with pytest.raises(SettingsError, match=why) as caught:
        async with bot():
            pass
    assert "@BotFather" in caught.value.hint


async def test_the_check_tells_what_telegram_says(
    bot: Bot, server: TelegramServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = a_setup(write(tmp_path, base_of(server)), {"MADANG_HOME": str(tmp_path)})
    found = [each async for each in examine_bot(setup, TelegramBot())]
    told = {each.what: each for each in found}
    assert "@madang_bot" in told["token"].found
    assert "/setprivacy" in told["privacy"].hint
    assert {each.state for each in found} == {"ok"}
    monkeypatch.setenv("TELEGRAM_TOKEN", "123456:AAH-this-is-no-token-of-anybody-at-all")
    found = [each async for each in examine_bot(setup, TelegramBot())]
    assert [each.what for each in found if each.state == "failure"] == ["token"]


def test_the_bot_is_imported_without_torch_and_without_its_library() -> None:
    check = (
        "import madang_telegram, sys; from madang_telegram.lanes import Pace;"
        "assert not {'torch', 'telegram', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
