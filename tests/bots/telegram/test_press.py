"""Buttons: only those that are there count, and who presses is answered at once."""

from msgspec import UNSET
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import EchoBackend, ScriptedBackend
from madang.testing.telegram import Chat, Flood, Person, TelegramServer

OLD = "오래된 단추예요."


async def test_made_up_data_does_not_overwrite_an_answer(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    async with bot(EchoBackend()):
        minji.says(group, "@madang_bot 중요한 답")
        answer = await ended(group, "중요한 답")
        for data in ("menu:p:0", f"forget:no:{junho.user.id}", "set:locked:1", "who:p:owl"):
            assert await junho.sends_data(answer, data).answered() == OLD
    assert group.transcript.answers() == ["중요한 답"]


async def test_a_press_under_a_lost_message_changes_nothing(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    forum = server.forum("모임", minji)
    cats = minji.opens_topic(forum, "고양이")
    async with bot(EchoBackend()) as yard:
        minji.says(cats, "/settings@madang_bot")
        menu = await shown(forum, "관리자만 고르기")
        minji.deletes(menu)
        assert await minji.sends_data(menu, "set:locked:1").answered() == OLD
        options = yard.conversations.options
        assert options.said(Place(f"telegram/{forum.id}")).locked is UNSET


async def test_a_press_is_answered_while_edits_have_to_wait(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend()):
        minji.says(chat, "/persona")
        menu = await shown(chat, "올빼미")
        server.faults.plan(Flood(60), "editMessageText", chat=chat)
        assert "올빼미" in await minji.clicks(menu, "올빼미").answered()
        assert "올빼미" in str(chat.transcript.screen()[-1].buttons)


async def test_the_variants_of_an_answer_are_paged_while_edits_have_to_wait(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["하나", "둘"])) as yard:
        minji.says(chat, "숫자")
        await minji.clicks(await ended(chat, "하나"), "다시").answered()
        answer = await ended(chat, "둘")
        await yard.conversations.settled()
        server.faults.plan(Flood(60), "editMessageText", chat=chat)
        await minji.clicks(answer, "2/2").answered()
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
        assert history[-1].shown == "하나"


async def test_a_sample_that_is_pressed_twice_is_asked_once(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend()) as yard:
        minji.starts(chat)
        menu = await shown(chat, "뭐 해?")
        presses = [minji.clicks(menu, "뭐 해?") for _ in range(2)]
        for each in presses:
            assert await each.answered() == ""
        await chat.transcript.until(lambda seen: "뭐 해?" in seen.answers())
        minji.says(chat, "끝")
        await ended(chat, "끝")
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
    assert [turn.raw for turn in history if turn.role == "user"] == ["뭐 해?", "끝"]
