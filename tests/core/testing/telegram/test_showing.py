"""Drafts, actions and reactions."""

import pytest
import telegram
from tests.core.testing.telegram.bots import bot_of, refused

from madang.testing.telegram import Chat, ManualClock, Person, TelegramServer, telegram_server

STOPPABLE = {"can_stop": True}


async def test_a_draft_grows_and_a_message_ends_it(server: TelegramServer, chat: Chat) -> None:
    async with bot_of(server) as bot:
        await bot.send_message_draft(chat.id, 7, "")
        bold = [telegram.MessageEntity("bold", 0, 2)]
        await bot.send_message_draft(chat.id, 7, "안녕", entities=bold)
        assert [sight.text for sight in chat.transcript.drafts(7)] == ["Thinking…", "안녕"]
        assert chat.transcript.screen()[-1].content.styled("bold") == ["안녕"]
        assert chat.transcript.answers() == []
        await bot.send_message(chat.id, "안녕하세요")
    assert [sight.text for sight in chat.transcript.screen()] == ["/start", "안녕하세요"]


async def test_a_draft_vanishes_after_thirty_seconds() -> None:
    clock = ManualClock()
    async with telegram_server(clock=clock) as server, bot_of(server) as bot:
        person = server.person("민지")
        chat = server.private(person)
        person.starts(chat)
        await bot.send_message_draft(chat.id, 7, "반쯤")
        clock.move(29)
        await bot.send_message_draft(chat.id, 7, "반쯤 된")
        clock.move(29)
        assert chat.transcript.screen()[-1].text == "반쯤 된"
        clock.move(2)
        assert [sight.text for sight in chat.transcript.screen()] == ["/start"]
        last = chat.transcript.sights[-1]
        assert (last.what, last.text) == ("draft gone", "expired")
        person.sends_stop(chat, 7)
        assert (await bot.get_updates())[-1].api_kwargs


async def test_stop(server: TelegramServer, minji: Person, chat: Chat) -> None:
    async with bot_of(server) as bot:
        await bot.send_message_draft(chat.id, 7, "하나")
        with pytest.raises(LookupError, match="no draft can be stopped"):
            minji.presses_stop(chat)
        await bot.send_message_draft(chat.id, 7, "하나 둘", api_kwargs=STOPPABLE)
        minji.presses_stop(chat)
        assert chat.transcript.screen()[-1].text == "/start"
        await bot.send_message_draft(chat.id, 7, "하나 둘 셋", api_kwargs=STOPPABLE)
        assert chat.transcript.screen()[-1].text == "/start"
        keep = {**STOPPABLE, "keep_on_stop": True}
        await bot.send_message_draft(chat.id, 8, "남는다", api_kwargs=keep)
        minji.presses_stop(chat)
        assert chat.transcript.screen()[-1].text == "남는다"
        stopped = [
            update.api_kwargs["stopped_message_generation"]
            for update in await bot.get_updates()
            if update.api_kwargs
        ]
    assert [(body["chat"]["id"], body["draft_id"]) for body in stopped] == [
        (chat.id, 7),
        (chat.id, 8),
    ]


async def test_what_drafts_refuse(server: TelegramServer, minji: Person, chat: Chat) -> None:
    group = server.group("모임", minji)
    async with bot_of(server) as bot:
        with refused("TEXTDRAFT_PEER_INVALID"):
            await bot.send_message_draft(group.id, 7, "x")
        with refused("non-zero"):
            await bot.send_message_draft(chat.id, 0, "x")
        with refused("message is too long"):
            await bot.send_message_draft(chat.id, 7, "가" * 4097)
        rich = {"chat_id": chat.id, "draft_id": 9, "rich_message": {"markdown": "# 제목"}}
        assert await bot.do_api_request("sendRichMessageDraft", rich)
    assert chat.transcript.screen()[-1].text == "# 제목"


async def test_typing_lasts_five_seconds() -> None:
    clock = ManualClock()
    async with telegram_server(clock=clock) as server, bot_of(server) as bot:
        person = server.person("민지")
        chat = server.private(person)
        person.starts(chat)
        await bot.send_chat_action(chat.id, "typing")
        assert server.world.action_in(chat) == "typing"
        clock.move(5)
        assert server.world.action_in(chat) == ""
        await bot.send_chat_action(chat.id, "typing")
        await bot.send_message(chat.id, "끝")
        assert server.world.action_in(chat) == ""
        with refused("wrong parameter action"):
            await bot.send_chat_action(chat.id, "juggling")


async def test_reactions(server: TelegramServer, minji: Person, chat: Chat) -> None:
    said = minji.says(chat, "고마워")
    async with bot_of(server) as bot:
        await bot.set_message_reaction(chat.id, said.id, "❤")
        assert said.reactions[bot.id] == "❤"
        with refused("REACTION_INVALID"):
            await bot.set_message_reaction(chat.id, said.id, "가")
        with refused("message to react not found"):
            await bot.set_message_reaction(chat.id, 999, "👍")


async def test_waiting_in_vain_tells_what_was_seen(chat: Chat) -> None:
    with pytest.raises(AssertionError, match="민지 1: /start"):
        await chat.transcript.until(lambda seen: bool(seen.answers()), within=0.05)
