"""Somebody talks with a persona in a private chat."""

import asyncio
from dataclasses import replace

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.world import FAST

from madang.contract import LoadProgress
from madang.testing import EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.telegram import Chat, Person, Sight, TelegramServer, blemishes


async def test_a_question_is_answered_once_and_whole(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(ScriptedBackend(answers=["안녕! **반가워**요."])):
        minji.says(chat, "안녕?")
        await chat.transcript.until(lambda seen: seen.answers() == ["안녕! 반가워요."])
    assert chat.transcript.answers() == ["안녕! 반가워요."]
    assert chat.transcript.screen()[-1].content.styled("bold") == ["반가워"]
    assert blemishes(chat.transcript) == []


async def test_an_answer_is_shown_as_a_draft_while_it_is_written(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=5)
    async with bot(backend):
        minji.says(chat, "**굵은 글**이에요")
        await backend.held.wait()
        await chat.transcript.until(lambda seen: any("굵" in each.text for each in seen.drafts()))
        backend.go.set()
        await chat.transcript.until(lambda seen: seen.answers() == ["굵은 글이에요"])
    drafts = [each.text for each in chat.transcript.drafts()]
    assert drafts[-1] in "굵은 글이에요"
    assert all(each.can_stop for each in chat.transcript.drafts())
    assert [each.what for each in chat.transcript.screen()] == ["message", "edit"]
    assert blemishes(chat.transcript) == []


async def test_telegram_s_own_stop_ends_the_answer(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(chat, "긴 이야기를 해 줘")
        await chat.transcript.until(lambda seen: any("긴" in each.text for each in seen.drafts()))
        minji.presses_stop(chat)
        backend.go.set()
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
    assert chat.transcript.answers()[0].startswith("긴")


async def test_a_command_is_about_what_was_said_before_it(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=2)
    async with bot(backend, pace=replace(FAST, quiet=60.0)):
        minji.says(chat, "긴 이야기를 해 줘")
        minji.says(chat, "/about")
        await backend.held.wait()
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
    assert "멈출 답이" not in "".join(chat.transcript.answers())


class LoadingBackend(EchoBackend):
    """Take so long to load that people are told."""

    async def load(self, progress: LoadProgress) -> None:
        """Be at a third until it is cancelled."""
        progress(0.3)
        await asyncio.Event().wait()


async def test_a_draft_is_shown_again_before_it_expires(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend, pace=replace(FAST, refresh=0.02)):
        minji.says(chat, "오래 걸리는 답")
        await backend.held.wait()
        await chat.transcript.until(
            lambda seen: [each.text for each in seen.drafts()].count("오래") > 2
        )
        backend.go.set()
        await chat.transcript.until(lambda seen: seen.answers() == ["오래 걸리는 답"])
    again = [each for each in chat.transcript.drafts() if each.text == "오래"]
    assert len(again) > 2
    assert len({each.id for each in again}) == 1
    assert chat.transcript.answers() == ["오래 걸리는 답"]


async def test_what_is_waited_for_is_told(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(LoadingBackend()):
        minji.says(chat, "안녕하세요")
        await chat.transcript.until(lambda seen: "불러오는" in "".join(map(text_of, seen.drafts())))
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
    assert any("불러오는" in each.text for each in chat.transcript.drafts())
    assert chat.transcript.answers() == ["(멈췄어요)"]


def text_of(sight: Sight) -> str:
    """Return the words of something seen."""
    return sight.text
