"""A document becomes questions and answers: progress, cancelling, the file, and bad files."""

import asyncio
from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import HeldBackend, ScriptedBackend
from madang.testing.telegram import (
    Attachment,
    Chat,
    Message,
    Person,
    TelegramServer,
    blemishes,
)

GENERATOR = """\
name = "qa_generator"
[text.ko]
title = "질문 만들기"
description = "글에서 질문과 답을 만든다"
greeting = "글을 보내 주세요."
samples = []
[forms.general]
kind = "chat"
history = "none"
"""
LEAF = "잎은 광합성이 일어나는 곳이다. " * 4
PAIRS = ["[[Q]] 광합성은 어디에서? [[A]] 잎", "[[Q]] 잎은 무엇을 해? [[A]] 광합성"]


@pytest.fixture(autouse=True)
def _generator(tmp_path: Path) -> None:
    home = tmp_path / "plugins" / "maker"
    home.mkdir(parents=True)
    (home / "persona.toml").write_text(GENERATOR, "utf-8")


async def test_a_file_becomes_a_file_of_pairs(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=PAIRS)):
        minji.says(chat, document=Attachment("잎.md", LEAF.encode()))
        await chat.transcript.until(lambda seen: any(s.file and s.by_bot for s in seen.screen()))
    told, file = [each for each in chat.transcript.screen() if each.by_bot]
    assert file.file == "잎.jsonl"
    assert "2쌍" in told.text
    stored = chat.messages[file.id].stored
    assert stored is not None
    assert "광합성은 어디에서?" in stored.attachment.data.decode()
    assert blemishes(chat.transcript) == []


async def test_a_text_in_a_group_is_worked_on_by_replying(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    group = server.group("마당", minji)
    async with bot(ScriptedBackend(answers=PAIRS)):
        minji.says(group, "/generate@madang_bot")
        await group.transcript.until(lambda seen: "답장해" in "".join(seen.answers()))
        text = minji.says(group, LEAF)
        minji.says(group, "/generate@madang_bot 1", reply_to=text)
        await group.transcript.until(lambda seen: any(s.file for s in seen.screen()))
    assert "1쌍" in group.transcript.answers()[1]


async def test_a_job_is_cancelled_by_who_began_it(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    junho = server.person("준호")
    group = server.group("마당", minji, junho)
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        text = junho.says(group, LEAF)
        junho.says(group, "/generate@madang_bot", reply_to=text)
        progress = await shown(group, "그만하기")
        junho.says(group, "/generate@madang_bot", reply_to=text)
        await group.transcript.until(lambda seen: "아직 읽고" in "".join(seen.answers()))
        await junho.clicks(progress, "그만하기").answered()
        backend.go.set()
        await group.transcript.until(lambda seen: "멈췄어요" in "".join(seen.answers()))
        assert await junho.sends_data(progress, "cancel:0").answered() == "오래된 단추예요."


async def test_what_cannot_be_read_is_refused_before_it_is_fetched(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot():
        minji.says(chat, document=Attachment("큰.pdf", b"x", claims=50_000_000))
        await chat.transcript.until(lambda seen: "너무 커요" in "".join(seen.answers()))
        minji.says(chat, document=Attachment("a.zip", b"x"))
        await chat.transcript.until(lambda seen: "종류의 파일" in seen.answers()[-1])
        minji.says(chat, document=Attachment("빈.txt", b" "))
        await chat.transcript.until(lambda seen: "글이 없어요" in seen.answers()[-1])
    assert [call.method for call in server.calls].count("getFile") <= 1


async def test_a_file_in_a_topic_of_a_private_chat_is_worked_on_there(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.world.topics = True
    minji.starts(chat)
    topic = minji.opens_topic(chat, "식물")
    async with bot(ScriptedBackend(answers=PAIRS)):
        minji.says(topic, document=Attachment("잎.md", LEAF.encode()))
        await chat.transcript.until(lambda seen: any(s.file and s.by_bot for s in seen.screen()))
    told, file = [each for each in chat.transcript.screen(topic.id) if each.by_bot]
    assert "2쌍" in told.text
    assert file.file == "잎.jsonl"


async def cut_off(bot: Bot, minji: Person, chat: Chat) -> tuple[Message, str, str]:
    """Begin a job; return what shows it, and the note that a killed process leaves of it."""
    async with bot(HeldBackend(hold_after=3)) as yard:
        minji.says(chat, document=Attachment("잎.md", LEAF.encode()))
        progress = await shown(chat, "그만하기")
        ((key, note),) = (await yard.store.kept("telegram", "job/")).items()
    return progress, key, note


async def test_a_job_that_was_cut_off_is_begun_again_in_the_same_message(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    progress, key, note = await cut_off(bot, minji, chat)
    async with bot() as yard:
        assert await yard.store.kept("telegram") == {}
        await yard.store.keep("telegram", key, note, f"telegram:{chat.id}")
    async with bot(ScriptedBackend(answers=PAIRS)) as yard:
        await chat.transcript.until(lambda seen: any(s.file and s.by_bot for s in seen.screen()))
    told, file = [each for each in chat.transcript.screen() if each.by_bot]
    assert (told.id, file.file) == (progress.id, "잎.jsonl")
    assert "2쌍" in told.text
    assert blemishes(chat.transcript) == []


async def test_a_job_that_was_cut_off_twice_is_given_up(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    progress, key, note = await cut_off(bot, minji, chat)
    async with bot() as yard:
        twice = note.replace('"tries":1', '"tries":2')
        await yard.store.keep("telegram", key, twice, f"telegram:{chat.id}")
    asked = len(server.calls)
    async with bot() as yard:
        await chat.transcript.until(lambda seen: "두 번 끊겨서" in "".join(seen.answers()))
        await server.until(lambda: not server.world.updates.row)
    assert "두 번 끊겨서" in chat.transcript.versions(progress.id)[-1].text
    assert "getFile" not in [call.method for call in server.calls[asked:]]
    async with bot() as yard:
        assert await yard.store.kept("telegram") == {}


async def test_a_job_ends_where_its_person_is_forgotten(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(HeldBackend(hold_after=3)) as yard:
        minji.says(chat, document=Attachment("잎.md", LEAF.encode()))
        await shown(chat, "그만하기")
        minji.says(chat, "/forget")
        await minji.clicks(await shown(chat, "지우기"), "지우기").answered()
        await chat.transcript.until(lambda seen: "모두 지웠어요." in seen.answers())
        assert await yard.store.kept("telegram") == {}


ARTICLE = "잎은 광합성이 일어나는 곳이다. " * 20


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody who writes what others forward."""
    return server.person("준호", "junho")


async def test_a_long_text_that_is_forwarded_to_the_generator_is_worked_on(
    bot: Bot, minji: Person, junho: Person, chat: Chat, group: Chat
) -> None:
    said = [junho.says(group, ARTICLE), junho.says(group, LEAF)]
    async with bot(ScriptedBackend(answers=PAIRS * 8)) as yard:
        minji.says(chat, "/persona qa_generator")
        await chat.transcript.until(lambda seen: "질문 만들기" in "".join(seen.answers()))
        for each in said:
            minji.forwards(each, chat)
        await chat.transcript.until(lambda seen: any(s.file and s.by_bot for s in seen.screen()))
        assert await yard.conversations.history(Place(f"telegram/{chat.id}")) == []
    (file,) = [each for each in chat.transcript.screen() if each.file]
    assert file.file == "message.jsonl"
    assert blemishes(chat.transcript) == []


async def test_what_else_is_forwarded_is_a_question(
    bot: Bot, minji: Person, junho: Person, chat: Chat, group: Chat
) -> None:
    article, leaf = junho.says(group, ARTICLE), junho.says(group, LEAF)
    async with bot(ScriptedBackend(answers=["하나", "둘", "셋"])) as yard:
        minji.forwards(article, chat)
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
        minji.says(chat, "/persona qa_generator")
        await chat.transcript.until(lambda seen: "글을 보내 주세요." in "".join(seen.answers()))
        minji.forwards(leaf, chat)
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "둘")
        minji.says(chat, ARTICLE)
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "셋")
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
    asked = [ARTICLE.strip(), LEAF.strip(), ARTICLE.strip()]
    assert [turn.raw for turn in history if turn.role == "user"] == asked


async def test_a_job_ends_when_nobody_can_be_told(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    text = "".join(f"# {number}장\n\n{LEAF * 6}\n\n" for number in range(30))
    backend = ScriptedBackend(answers=[f"[[Q]] 질문 {n}은? [[A]] 답 {n}" for n in range(2000)])
    async with bot(backend) as yard:
        minji.says(chat, document=Attachment("긴.md", text.encode()))
        await server.until(lambda: len(backend.answered) > 4)
        minji.blocks()
        await server.until(lambda: any(call.code == 403 for call in server.calls))
        async with asyncio.timeout(5):
            while await yard.store.kept("telegram", "job/"):
                pass
    assert len(backend.answered) < 50


async def test_an_answer_that_is_a_rich_message_is_worked_on_by_replying(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    answer = f"# 잎\n\n{LEAF}"
    async with bot(ScriptedBackend(answers=[answer, *PAIRS])) as yard:
        await yard.conversations.options.set(Place(f"telegram/{chat.id}"), "rich", True)
        minji.says(chat, "잎이 뭐야?")
        await chat.transcript.until(lambda seen: bool(seen.screen()[-1].rich))
        whole = chat.messages[chat.transcript.screen()[-1].id]
        minji.says(chat, "/generate", reply_to=whole)
        await chat.transcript.until(lambda seen: any(s.file for s in seen.screen()))
    assert "2쌍" in "".join(chat.transcript.answers())
