"""How often a bot may speak."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import telegram
from telegram.error import RetryAfter
from tests.core.testing.telegram.bots import bot_of

from madang.testing.telegram import ManualClock, TelegramServer, telegram_server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def strict(clock: ManualClock) -> AsyncIterator[TelegramServer]:
    async with telegram_server(clock=clock) as server:
        yield server


async def wait_of(call: Awaitable[object]) -> int:
    """Return the seconds that a call was told to wait, 0 if it went through."""
    try:
        await call
    except RetryAfter as flood:
        wait = flood.retry_after
        return wait if isinstance(wait, int) else int(wait.total_seconds())
    return 0


async def until_refused(send: Callable[[], Awaitable[object]]) -> tuple[int, int]:
    """Return how many calls went through, and what the next was told to wait."""
    for done in range(100):
        if wait := await wait_of(send()):
            return done, wait
    raise AssertionError("never refused")


async def test_one_message_a_second_in_a_chat(strict: TelegramServer, clock: ManualClock) -> None:
    minji = strict.person("민지")
    chat = strict.private(minji)
    minji.starts(chat)
    async with bot_of(strict) as bot:
        assert await until_refused(lambda: bot.send_message(chat.id, "x")) == (3, 1)
        clock.move(1)
        assert await wait_of(bot.send_message(chat.id, "x")) == 0


async def test_a_penalty_grows_when_ignored_and_hurts_nobody_else(
    strict: TelegramServer, clock: ManualClock
) -> None:
    minji, jiu = strict.person("민지"), strict.person("지우")
    chats = [strict.private(minji), strict.private(jiu)]
    minji.starts(chats[0])
    jiu.starts(chats[1])
    async with bot_of(strict) as bot:
        await until_refused(lambda: bot.send_message(chats[0].id, "x"))
        assert await wait_of(bot.send_message(chats[0].id, "x")) == 2
        assert await wait_of(bot.send_message(chats[0].id, "x")) == 4
        assert await wait_of(bot.send_message(chats[1].id, "x")) == 0
        clock.move(4)
        assert await wait_of(bot.send_message(chats[0].id, "x")) == 0
    assert strict.budget.ignored == 2


async def test_twenty_a_minute_in_a_group(strict: TelegramServer, clock: ManualClock) -> None:
    minji = strict.person("민지")
    group = strict.group("모임", minji)
    async with bot_of(strict) as bot:
        sent = await bot.send_message(group.id, "0")
        for number in range(1, 20):
            clock.move(1)
            await bot.edit_message_text(str(number), group.id, sent.message_id)
        clock.move(1)
        assert await wait_of(bot.send_message(group.id, "x")) == 40


async def test_thirty_a_second_in_all_chats(strict: TelegramServer, clock: ManualClock) -> None:
    async with bot_of(strict) as bot:
        waits = []
        for number in range(31):
            person = strict.person(f"사람{number}")
            person.starts(strict.private(person))
            waits.append(await wait_of(bot.send_message(person.user.id, "x")))
    assert waits == [*[0] * 30, 1]


async def test_drafts_have_a_budget_of_their_own(
    strict: TelegramServer, clock: ManualClock
) -> None:
    minji = strict.person("민지")
    chat = strict.private(minji)
    minji.starts(chat)
    async with bot_of(strict) as bot:
        assert await until_refused(lambda: bot.send_message_draft(chat.id, 7, "x")) == (3, 1)
        assert isinstance(await bot.send_message(chat.id, "x"), telegram.Message)
