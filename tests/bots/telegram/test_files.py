"""Long code comes as a file beside the answer: once, also when the bot is stopped at the worst."""

import pytest
from tests.bots.telegram.conftest import Bot

from madang.contract import Model
from madang.testing import ScriptedBackend
from madang.testing.telegram import Broken, Chat, Flood, Lost, Message, Person, Slow, TelegramServer

BIG = Model(context=100_000)
CODE = "\n".join(f"print({number})  # 줄 {number}" for number in range(300))
ANSWER = f"여기요.\n\n```python\n{CODE}\n```\n끝."


def files(chat: Chat) -> list[str]:
    """List the files that the bot sent."""
    return [each.file for each in chat.transcript.screen() if each.by_bot and each.file]


def sent(server: TelegramServer) -> int:
    """Count the calls that tried to send a file."""
    return sum(call.method == "sendDocument" for call in server.calls)


def with_buttons(chat: Chat) -> Message:
    """Return the message with the buttons."""
    shown = [each for each in chat.transcript.screen() if "다시" in str(each.buttons)]
    return chat.messages[shown[-1].id]


async def test_a_file_that_had_arrived_when_the_bot_was_killed_does_not_come_twice(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Slow(5), "sendDocument")
    async with bot(ScriptedBackend(answers=[ANSWER], model=BIG)):
        minji.says(chat, "코드")
        await chat.transcript.until(lambda seen: files(chat) != [])
    async with bot(ScriptedBackend(answers=["다음 답"])):
        minji.says(chat, "다음")
        await chat.transcript.until(lambda seen: "다음 답" in seen.answers())
    assert files(chat) == ["parrot-1.py"]
    assert sent(server) == 1


async def test_a_file_that_waited_when_the_bot_was_stopped_comes_after_the_next_start(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Flood(30), "sendDocument", chat=chat)
    async with bot(ScriptedBackend(answers=[ANSWER], model=BIG)):
        minji.says(chat, "코드")
        await server.until(lambda: any(call.code == 429 for call in server.calls))
    assert files(chat) == []
    server.budget._penalties.clear()
    async with bot(ScriptedBackend(answers=[])):
        await chat.transcript.until(lambda seen: files(chat) != [])
    async with bot(ScriptedBackend(answers=["다음 답"])):
        minji.says(chat, "다음")
        await chat.transcript.until(lambda seen: "다음 답" in seen.answers())
    assert files(chat) == ["parrot-1.py"]


@pytest.mark.parametrize("fault", [Lost(), Broken(502)])
async def test_a_file_of_which_nobody_knows_whether_it_arrived_is_not_sent_again(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat, fault: Lost | Broken
) -> None:
    server.faults.plan(fault, "sendDocument")
    async with bot(ScriptedBackend(answers=[ANSWER], model=BIG)) as yard:
        minji.says(chat, "코드")
        await server.until(lambda: sent(server) == 1)
        await yard.conversations.settled()
    assert len(files(chat)) == (fault == Lost())
    assert CODE in "\n".join(each.text for each in chat.transcript.screen())


async def test_a_penalty_takes_no_file_away_and_another_answer_brings_its_own(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Flood(1), "sendDocument", chat=chat)
    other = ANSWER.replace("print", "show")
    async with bot(ScriptedBackend(answers=[ANSWER, other], model=BIG)):
        minji.says(chat, "코드")
        await chat.transcript.until(lambda seen: len(files(chat)) == 1)
        await minji.clicks(with_buttons(chat), "다시").answered()
        await chat.transcript.until(lambda seen: len(files(chat)) == 2)
    assert len({each.id for each in chat.transcript.screen() if each.file}) == 2
