"""Long code comes as a file beside the answer: once, also when the bot is stopped at the worst."""

import pytest
from tests.bots.telegram.conftest import Bot

from madang.contract import Model
from madang.testing import ScriptedBackend
from madang.testing.telegram import Broken, Chat, Flood, Lost, Message, Person, Slow, TelegramServer

BIG = Model(context=100_000)
CODE = "\n".join(f"print({number})  # 줄 {number}" for number in range(300))
OTHER = "```python\n" + CODE.replace("print", "show") + "\n```"
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
    server.faults.plan(Flood(4), "sendDocument", chat=chat)
    async with bot(ScriptedBackend(answers=[ANSWER], model=BIG)):
        minji.says(chat, "코드")
        await server.until(lambda: any(call.code == 429 for call in server.calls))
    assert files(chat) == []
    server.budget.forgive()
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
    async with bot(ScriptedBackend(answers=[ANSWER, OTHER], model=BIG)):
        minji.says(chat, "코드")
        await chat.transcript.until(lambda seen: len(files(chat)) == 1)
        first = file_of(chat)
        await minji.clicks(with_buttons(chat), "다시").answered()
        await chat.transcript.until(lambda seen: first.deleted and len(files(chat)) == 1)
        # Whoever turns the pages back finds the file that was there.
        await minji.clicks(with_buttons(chat), "2/2").answered()
        await chat.transcript.until(lambda seen: "print" in contents(chat))
    assert len(files(chat)) == 1


async def test_the_file_of_an_answer_goes_with_it(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=[ANSWER, "코드 없이", ANSWER], model=BIG)) as yard:
        asked = minji.says(chat, "코드")
        await chat.transcript.until(lambda seen: len(files(chat)) == 1)
        await yard.conversations.settled()
        minji.edits(asked, "말로 해 줘")
        await chat.transcript.until(lambda seen: seen.answers() == ["코드 없이"])
        minji.says(chat, "/retry")
        await chat.transcript.until(lambda seen: len(files(chat)) == 1)
        await yard.conversations.settled()
        minji.says(chat, "/undo")
        await chat.transcript.until(lambda seen: "되돌렸" in "".join(seen.answers()))
        assert files(chat) == []
        assert await yard.store.kept("telegram", "file/") == {}
    assert [each.text[:3] for each in chat.transcript.screen()] == ["말로 ", "/re", "/un", "마지막"]


def file_of(chat: Chat) -> Message:
    """Return the newest file."""
    return [each for each in chat.messages.values() if each.stored and not each.deleted][-1]


def contents(chat: Chat) -> str:
    """Return what is in the files that are there."""
    there = [each.stored for each in chat.messages.values() if not each.deleted]
    return "".join(each.attachment.data.decode() for each in there if each)
