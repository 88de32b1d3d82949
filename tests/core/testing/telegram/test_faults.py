"""What goes wrong on demand."""

import asyncio

import pytest
import telegram
from telegram.error import NetworkError, RetryAfter, TimedOut
from tests.core.testing.telegram.bots import bot_of, polling

from madang.testing.telegram import (
    Broken,
    Chat,
    Cut,
    Flood,
    Lost,
    Person,
    Slow,
    TelegramServer,
)


async def test_a_flood_on_the_edit_that_carries_the_ending(
    server: TelegramServer, chat: Chat
) -> None:
    server.faults.plan(
        Flood(3), "editMessageText", chat=chat, when=lambda params: "끝" in params.text("text")
    )
    async with bot_of(server) as bot:
        sent = await bot.send_message(chat.id, "…")
        await bot.edit_message_text("하나", chat.id, sent.message_id)
        with pytest.raises(RetryAfter, match="3"):
            await bot.edit_message_text("하나. 끝", chat.id, sent.message_id)
        with pytest.raises(RetryAfter, match="6"):
            await bot.edit_message_text("하나. 끝", chat.id, sent.message_id)
        await bot.send_message(chat.id, "다른 일은 된다")


async def test_a_lost_response_leaves_the_message(server: TelegramServer, chat: Chat) -> None:
    server.faults.plan(Lost(), "sendMessage")
    async with bot_of(server) as bot:
        with pytest.raises(NetworkError):
            await bot.send_message(chat.id, "…")
    assert chat.transcript.answers() == ["…"]


async def test_a_cut_connection_leaves_nothing(server: TelegramServer, chat: Chat) -> None:
    server.faults.plan(Cut(), "sendMessage", nth=2, times=2)
    async with bot_of(server) as bot:
        await bot.send_message(chat.id, "하나")
        for _ in range(2):
            with pytest.raises(NetworkError):
                await bot.send_message(chat.id, "둘")
        await bot.send_message(chat.id, "셋")
    assert chat.transcript.answers() == ["하나", "셋"]


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_broken_service(server: TelegramServer, chat: Chat, status: int) -> None:
    server.faults.plan(Broken(status), "sendMessage")
    async with bot_of(server) as bot:
        with pytest.raises(NetworkError):
            await bot.send_message(chat.id, "하나")
        await bot.send_message(chat.id, "둘")
    assert chat.transcript.answers() == ["둘"]


async def test_a_slow_answer(server: TelegramServer, chat: Chat) -> None:
    server.faults.plan(Slow(0.5), "sendMessage")
    async with bot_of(server, patience=0.1) as bot:
        with pytest.raises(TimedOut):
            await bot.send_message(chat.id, "늦었다")
    assert chat.transcript.answers() == ["늦었다"]


async def test_a_storm_hits_the_promised_share(server: TelegramServer) -> None:
    people = [server.person(f"사람{number}") for number in range(60)]
    server.faults.storm(7)
    async with bot_of(server) as bot:

        async def send(person: Person) -> bool:
            person.starts(server.private(person))
            try:
                await bot.send_message(person.user.id, "x")
            except RetryAfter:
                return False
            return True

        done = await asyncio.gather(*map(send, people))
    assert 30 <= sum(done) <= 50
    server.faults.calm()
    assert server.faults.draw("sendmessage", None, server.calls[0].params) is None


async def test_doubled_and_reordered_updates(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    got: list[str] = []

    async def note(update: telegram.Update, bot: telegram.Bot) -> None:
        got.append(update.message.text or "" if update.message else "")

    server.world.updates.doubled = True
    with server.world.updates.held() as held:
        minji.says(chat, "하나")
        minji.says(chat, "둘")
        held.reverse()
    async with polling(server, note):
        await server.until(lambda: len(got) >= 5)
    assert got[:5] == ["/start", "둘", "둘", "하나", "하나"]
