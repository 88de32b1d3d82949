"""What the stand-in refuses and returns for messages."""

from typing import Any

import httpx
import pytest
import telegram
from telegram.error import BadRequest
from tests.core.testing.telegram.bots import bot_of, refused

from madang.testing.telegram import (
    Attachment,
    Chat,
    ManualClock,
    Person,
    TelegramServer,
    telegram_server,
)


def button(text: str = "다시", **more: Any) -> telegram.InlineKeyboardButton:
    return telegram.InlineKeyboardButton(text, **more or {"callback_data": "x"})


def keyboard(*buttons: telegram.InlineKeyboardButton) -> telegram.InlineKeyboardMarkup:
    return telegram.InlineKeyboardMarkup([list(buttons)])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "message text is empty"),
    ({"text": "가" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ({"text": "*x", "parse_mode": "MarkdownV2"}, "can't parse entities: Can't find end of Bold"),
    ({"text": "1.", "parse_mode": "MarkdownV2"}, "reserved and must be escaped"),
    ({"text": "<b>x", "parse_mode": "HTML"}, "Can't find end tag"),
    ({"text": "_x", "parse_mode": "Markdown"}, "starting at byte offset 0"),
    ({"text": "가", "entities": [telegram.MessageEntity("bold", 0, 2)]}, "ends after the end"),
    ({"text": "😀", "entities": [telegram.MessageEntity("bold", 1, 1)]}, "cuts a UTF-16 symbol"),
    ({"text": "x", "reply_to_message_id": 99}, "message to be replied not found"),
    ({"text": "x", "message_thread_id": 5}, "message thread not found"),
    ({"text": "x", "reply_markup": keyboard(button(callback_data="가" * 22))}, "BUTTON_DATA_INV"),
    ({"text": "x", "reply_markup": keyboard(button("버튼", url="그냥"))}, "BUTTON_URL_INVALID"),
    ({"text": "x", "reply_markup": keyboard(*[button()] * 9)}, "reply markup is too long"),
    ({"text": "x", "reply_markup": keyboard(button(" "))}, "text must be non-empty"),
]


@pytest.mark.parametrize(("call", "why"), REFUSED, ids=[why for _, why in REFUSED])
async def test_what_sending_refuses(
    server: TelegramServer, chat: Chat, call: dict[str, Any], why: str
) -> None:
    async with bot_of(server) as bot:
        with refused(why):
            await bot.send_message(chat.id, **call)
    assert chat.transcript.answers() == []


async def test_a_message_of_4096_units_passes(server: TelegramServer, chat: Chat) -> None:
    async with bot_of(server) as bot:
        sent = await bot.send_message(chat.id, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    assert sent.text == "😀" * 2048
    assert sent.from_user
    assert sent.from_user.is_bot
    assert sent.chat.type == "private"


async def test_unknown_chats_are_refused(server: TelegramServer, chat: Chat) -> None:
    async with bot_of(server) as bot:
        for identity in (5, -5, "@nobody", "nonsense"):
            with refused("chat not found"):
                await bot.send_message(identity, "x")


async def test_editing(server: TelegramServer, minji: Person, chat: Chat) -> None:
    async with bot_of(server) as bot:
        sent = await bot.send_message(chat.id, "하나", reply_markup=keyboard(button()))
        with refused("message is not modified"):
            await bot.edit_message_text(
                " 하나\n", chat.id, sent.message_id, reply_markup=keyboard(button())
            )
        edited = await bot.edit_message_text("하나 둘", chat.id, sent.message_id)
        assert isinstance(edited, telegram.Message)
        assert edited.edit_date
        assert edited.reply_markup is None
        again = await bot.edit_message_reply_markup(
            chat.id, sent.message_id, reply_markup=keyboard(button("멈춤"))
        )
        assert isinstance(again, telegram.Message)
        assert again.text == "하나 둘"
        with pytest.raises(LookupError, match="다시"):
            minji.clicks(chat.messages[sent.message_id], "다시")
        with refused("message to edit not found"):
            await bot.edit_message_text("x", chat.id, 999)
        with refused("can't be edited"):
            await bot.edit_message_text("x", chat.id, minji.says(chat, "내 말").id)
        minji.deletes(chat.messages[sent.message_id])
        with refused("message to edit not found"):
            await bot.edit_message_text("x", chat.id, sent.message_id)


async def test_copying_forwarding_and_replying(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot_of(server) as bot:
        said = minji.says(chat, "물음")
        reply = await bot.send_message(chat.id, "답", reply_to_message_id=said.id)
        assert reply.reply_to_message
        assert reply.reply_to_message.text == "물음"
        copied = await bot.copy_message(chat.id, chat.id, said.id)
        assert chat.messages[copied.message_id].sender.is_bot
        forwarded = await bot.forward_message(chat.id, chat.id, said.id)
        assert isinstance(forwarded.forward_origin, telegram.MessageOriginUser)
        with refused("message to forward not found"):
            await bot.forward_message(chat.id, chat.id, 999)
        lenient = telegram.ReplyParameters(999, allow_sending_without_reply=True)
        alone = await bot.send_message(chat.id, "답", reply_parameters=lenient)
        assert alone.reply_to_message is None


async def test_deleting() -> None:
    clock = ManualClock()
    async with telegram_server(clock=clock) as server:
        person = server.person("민지")
        chat = server.private(person)
        person.starts(chat)
        async with bot_of(server) as bot:
            old = await bot.send_message(chat.id, "옛날")
            await bot.delete_message(chat.id, person.says(chat, "내 말").id)
            clock.move(49 * 3600)
            with refused("can't be deleted for everyone"):
                await bot.delete_message(chat.id, old.message_id)
            with refused("message to delete not found"):
                await bot.delete_message(chat.id, 999)


async def test_files(server: TelegramServer, minji: Person, chat: Chat) -> None:
    async with bot_of(server) as bot:
        data = "한 줄\n".encode()
        sent = await bot.send_document(chat.id, data, caption="자료", filename="자료.jsonl")
        assert sent.document
        assert (sent.document.file_name, sent.document.file_size) == ("자료.jsonl", len(data))
        again = await bot.send_document(chat.id, sent.document.file_id)
        assert again.document == sent.document
        with refused("caption is too long"):
            await bot.send_document(chat.id, data, caption="가" * 1025)
        with refused("non-empty"):
            await bot.send_document(chat.id, b"")
        with refused("wrong file_id"):
            await bot.send_document(chat.id, "nonsense")
        photo = await bot.send_photo(chat.id, b"\x89PNG")
        assert photo.photo
        big = minji.says(chat, document=Attachment("큰 글.pdf", claims=50_000_000))
        assert big.stored
        with refused("file is too big"):
            await bot.get_file(big.stored.id)
        edited = await bot.edit_message_caption(chat.id, sent.message_id, caption="")
        assert isinstance(edited, telegram.Message)
        assert edited.caption is None


async def test_rich_messages(server: TelegramServer, chat: Chat) -> None:
    async with bot_of(server) as bot:
        rich = {"markdown": "# 제목\n\n| a | b |"}
        call = {"chat_id": chat.id, "rich_message": rich}
        sent = await bot.do_api_request("sendRichMessage", call, telegram.Message)
        assert isinstance(sent, telegram.Message)
        assert len(sent.api_kwargs["rich_message"]["blocks"]) == 2
        edit = {"rich_message": {"markdown": "# 다른 제목"}}
        await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)
        assert chat.transcript.answers() == ["# 다른 제목"]
        for bad in ({}, {"markdown": "x", "html": "x"}, {"markdown": "x" * 32_769}):
            with pytest.raises(BadRequest):
                await bot.do_api_request("sendRichMessage", {**call, "rich_message": bad})


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>말", "end tag"),
        ("<p>말</b>", "end tag"),
        ("<p></p>", "non-empty"),
        ("<font>말</font>", "unsupported start tag"),
        ("<p>&copy;</p>", "unsupported entity"),
        ("<p>a < b</p>", "unescaped"),
        ("<b>" * 17 + "말" + "</b>" * 17, "too deep"),
        ("<p>말</p>" * 501, "blocks"),
        ("<table><tr>" + "<td>1</td>" * 21 + "</tr></table>", "columns"),
        (f"<p>{'x' * 32_769}</p>", "too long"),
    ],
)
async def test_rich_messages_in_html_are_checked(
    server: TelegramServer, chat: Chat, html: str, why: str
) -> None:
    async with bot_of(server) as bot:
        sent = await bot.send_message(chat.id, "…")
        with refused(why):
            edit = {"rich_message": {"html": html}}
            await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)
    assert chat.transcript.answers() == ["…"]


async def test_rich_messages_become_text_again_and_are_not_taken_everywhere(
    server: TelegramServer, chat: Chat
) -> None:
    async with bot_of(server) as bot:
        sent = await bot.send_message(chat.id, "…")
        edit = {"rich_message": {"html": "<h1>제목</h1><p>a &lt; <b>b</b><br/>둘</p>"}}
        shown = await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)
        assert isinstance(shown, telegram.Message)
        assert len(shown.api_kwargs["rich_message"]["blocks"]) == 3
        assert chat.transcript.answers() == ["제목\na < b\n둘"]
        await bot.edit_message_text("글", chat.id, sent.message_id)
        assert not chat.transcript.screen()[-1].rich
        server.world.rich = "flattened"
        shown = await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)
        assert isinstance(shown, telegram.Message)
        assert shown.text == "제목\na < b\n둘"
        server.world.rich = "refused"
        with refused("RICH"):
            await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)
        server.world.rich = "unknown"
        with refused("text is empty"):
            await bot.edit_message_text("", chat.id, sent.message_id, api_kwargs=edit)


async def test_other_keyboards_and_several_deletions(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot_of(server) as bot:
        choices = telegram.ReplyKeyboardMarkup([["하나", "둘"]])
        first = await bot.send_message(chat.id, "골라요", reply_markup=choices)
        assert first.reply_markup is None
        second = await bot.send_message(chat.id, "x", reply_markup=telegram.ForceReply())
        assert await bot.delete_messages(chat.id, [first.message_id, 999, second.message_id])
        assert chat.transcript.answers() == []
        group = server.group("모임", minji)
        with refused("message can't be deleted"):
            await bot.delete_message(group.id, minji.says(group, "내 말").id)
        with refused("there is no caption"):
            sent = await bot.send_message(chat.id, "글")
            await bot.edit_message_caption(chat.id, sent.message_id, caption="x")
        with refused("there is no text in the message to edit"):
            file = await bot.send_document(chat.id, b"x")
            await bot.edit_message_text("x", chat.id, file.message_id)


BAD_KEYBOARDS: list[tuple[object, str]] = [
    ({}, ""),
    ({"buttons": []}, "object expected as reply markup"),
    ({"inline_keyboard": ["x"]}, "expected an array of arrays"),
    ({"inline_keyboard": [["x"]]}, "must be of type String"),
    ({"inline_keyboard": [[{"text": "x"}]]}, "Text buttons are unallowed"),
    ({"inline_keyboard": [[{"text": "x", "url": "a.kr", "pay": True}]]}, "exactly one action"),
    ([], "expected an object"),
]


@pytest.mark.parametrize(("markup", "why"), BAD_KEYBOARDS)
async def test_keyboards_that_no_library_builds(
    server: TelegramServer, chat: Chat, markup: object, why: str
) -> None:
    async with httpx.AsyncClient() as client:
        body = {"chat_id": chat.id, "text": "x", "reply_markup": markup}
        answer = await client.post(f"{server.base_url}{server.token}/sendMessage", json=body)
    assert answer.status_code == (400 if why else 200)
    assert why in answer.json().get("description", "")
