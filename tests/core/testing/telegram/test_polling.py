"""A real application that polls the stand-in."""

import asyncio

import httpx
import pytest
import telegram
from tests.core.testing.telegram.bots import bot_of, polling, refused

from madang.testing.telegram import Attachment, Chat, Person, TelegramServer

BUTTONS = telegram.InlineKeyboardMarkup(
    [[telegram.InlineKeyboardButton("다시", callback_data="again:1")]]
)


async def echo(update: telegram.Update, bot: telegram.Bot) -> None:
    """Answer a word by a small message that grows, with a button that answers."""
    if update.callback_query:
        await update.callback_query.answer("네!")
    if update.message and update.message.text and update.effective_chat:
        sent = await update.message.reply_text("…")
        text = f"들었어요: {update.message.text}"
        bold = telegram.MessageEntity("bold", 0, 5)
        await sent.edit_text(text, entities=[bold], reply_markup=BUTTONS)


async def test_a_conversation(server: TelegramServer, minji: Person, chat: Chat) -> None:
    async with polling(server, echo):
        await chat.transcript.until(lambda seen: seen.answers() == ["들었어요: /start"])
        question = minji.says(chat, "안녕")
        await chat.transcript.until(lambda seen: "들었어요: 안녕" in seen.answers())
        answer = chat.messages[max(chat.messages)]
        shown = [sight.text for sight in chat.transcript.versions(answer.id)]
        assert shown == ["…", "들었어요: 안녕"]
        assert answer.content.styled("bold") == ["들었어요:"]
        assert answer.reply_to is None
        assert await minji.clicks(answer, "다시").answered() == "네!"
    assert question.text == "안녕"
    assert not any(call.ignored for call in server.calls), server.story()


async def test_the_transcript_prints_what_was_seen(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with polling(server, echo):
        await chat.transcript.until(lambda seen: seen.answers() == ["들었어요: /start"])
    lines = [line.partition("] ")[2] or line for line in chat.transcript.render().splitlines()]
    assert lines == ["민지 1: /start", "마당 2: …", "마당 edit 2: 들었어요: /start", "    [다시]"]


async def test_every_kind_of_update_arrives(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    got: list[str] = []

    async def note(update: telegram.Update, bot: telegram.Bot) -> None:
        known = [kind for kind in telegram.Update.ALL_TYPES if getattr(update, kind, None)]
        got.extend([*known, *update.api_kwargs])

    async with polling(server, note) as bot:
        await server.until(lambda: got == ["message"])
        said = minji.says(chat, "안녕")
        minji.edits(said, "안녕?")
        minji.reacts(said, "👍")
        await bot.send_message_draft(chat.id, 7, "음", api_kwargs={"can_stop": True})
        assert minji.presses_stop(chat).id == 7
        minji.blocks()
        await server.until(lambda: len(got) == 6)
    assert got[1:] == [
        "message",
        "edited_message",
        "message_reaction",
        "stopped_message_generation",
        "my_chat_member",
    ]


async def test_entities_and_files_arrive_as_a_client_sends_them(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    got: list[telegram.Message] = []

    async def note(update: telegram.Update, bot: telegram.Bot) -> None:
        if update.message:
            got.append(update.message)

    async with polling(server, note) as bot:
        minji.says(chat, "😀 /persona https://example.com @madang_bot")
        minji.says(chat, "이거", document=Attachment("글.txt", "가나다".encode()))
        await server.until(lambda: len(got) == 3)
        found = got[1].parse_entities()
        assert sorted(found.values()) == ["/persona", "@madang_bot", "https://example.com"]
        assert (got[2].caption, got[2].text) == ("이거", None)
        document = got[2].document
        assert document
        assert (document.mime_type, document.file_size) == ("text/plain", 9)
        file = await bot.get_file(document.file_id)
        assert bytes(await file.download_as_bytearray()).decode() == "가나다"


async def test_a_second_poll_ends_the_first(server: TelegramServer) -> None:
    async with bot_of(server) as bot, bot_of(server) as other:
        first = asyncio.create_task(bot.get_updates(timeout=5))
        await server.until(lambda: len(server.calls) == 3)
        assert await other.get_updates(timeout=0) == ()
        with refused("terminated by other getUpdates", telegram.error.Conflict):
            await first


async def test_offsets_confirm_and_kinds_are_chosen(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot_of(server) as bot:
        minji.edits(minji.says(chat, "둘"), "둘!")
        updates = await bot.get_updates(limit=2)
        assert [update.update_id for update in updates] == [100_000_001, 100_000_002]
        assert len(await bot.get_updates()) == 3
        (last,) = await bot.get_updates(offset=-1, allowed_updates=["message"])
        assert last.edited_message
        minji.edits(minji.says(chat, "셋"), "셋!")
        (third,) = await bot.get_updates(offset=last.update_id + 1)
        assert third.message
        assert await bot.get_updates(offset=third.update_id + 1) == ()


@pytest.mark.parametrize(
    ("token", "status"), [("7000000001:" + "x" * 30, 401), ("nonsense", 404), ("7:short", 404)]
)
async def test_a_bad_token_is_refused(server: TelegramServer, token: str, status: int) -> None:
    bot = telegram.Bot(token, base_url=server.base_url)
    with pytest.raises(telegram.error.InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_an_unknown_method_is_not_found(server: TelegramServer) -> None:
    async with bot_of(server) as bot:
        with pytest.raises(telegram.error.EndPointNotFound):
            await bot.do_api_request("sendTelepathy")


async def test_json_and_queries_are_read_too(server: TelegramServer, chat: Chat) -> None:
    url = f"{server.base_url}{server.token}/"
    async with httpx.AsyncClient() as client:
        body = {"chat_id": chat.id, "text": "json", "entities": [], "reply_markup": None}
        assert (await client.post(url + "sendMessage", json=body)).json()["ok"]
        query = {"chat_id": str(chat.id), "text": "query", "entities": "[]"}
        assert (await client.get(url + "SENDMESSAGE", params=query)).json()["ok"]
        broken = await client.post(
            url + "sendMessage", content=b"{", headers={"content-type": "application/json"}
        )
        assert broken.status_code == 400
    assert chat.transcript.answers() == ["json", "query"]
