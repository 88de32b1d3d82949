"""Topics of a private chat: each is a conversation of its own."""

import json
from collections.abc import Callable

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import EchoBackend, HeldBackend
from madang.testing.telegram import (
    Chat,
    Person,
    TelegramServer,
    Topic,
    Transcript,
    blemishes,
)


@pytest.fixture
def cats(server: TelegramServer, minji: Person, chat: Chat) -> Topic:
    """Return a topic."""
    server.world.topics = True
    minji.starts(chat)
    return minji.opens_topic(chat, "고양이")


@pytest.fixture
def dogs(minji: Person, chat: Chat, cats: Topic) -> Topic:
    """Return another one."""
    return minji.opens_topic(chat, "강아지")


async def test_topics_do_not_mix(
    bot: Bot, minji: Person, chat: Chat, cats: Topic, dogs: Topic
) -> None:
    backend = HeldBackend(hold_after=2)
    async with bot(backend) as yard:
        minji.says(cats, "야옹 하고 울어 줘")
        await chat.transcript.until(lambda seen: bool(seen.drafts()))
        assert {each.thread for each in chat.transcript.drafts()} == {cats.id}
        backend.go.set()
        await chat.transcript.until(lambda seen: seen.answers(cats.id) == ["야옹 하고 울어 줘"])
        said = minji.says(dogs, "멍멍")
        await chat.transcript.until(lambda seen: seen.answers(dogs.id) == ["멍멍"])
        minji.edits(said, "왈왈")
        await chat.transcript.until(lambda seen: seen.answers(dogs.id) == ["왈왈"])
        history = await yard.conversations.history(Place(f"telegram/{chat.id}/{dogs.id}"))
        assert [each.raw for each in history] == ["왈왈", "왈왈"]
    assert "야옹" not in backend.answered[-1].prompt.text
    assert blemishes(chat.transcript) == []


async def test_stop_buttons_and_commands_belong_to_their_topic(
    bot: Bot, minji: Person, chat: Chat, cats: Topic, dogs: Topic
) -> None:
    backend = HeldBackend(hold_after=2)
    async with bot(backend):
        minji.says(cats, "긴 이야기")
        await chat.transcript.until(lambda seen: bool(seen.drafts()))
        minji.says(dogs, "/stop")
        await chat.transcript.until(lambda seen: "멈출 답이" in "".join(seen.answers(dogs.id)))
        minji.presses_stop(chat)
        backend.go.set()
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers(cats.id)))
        answer = await shown(chat, "다시")
        await minji.clicks(answer, "다시").answered()
        await chat.transcript.until(lambda seen: seen.answers(cats.id) == ["긴 이야기"])
        minji.says(dogs, "/reset")
        await chat.transcript.until(lambda seen: "새 이야기" in seen.answers(dogs.id)[-1])
        minji.says(cats, "/history")
        await chat.transcript.until(lambda seen: "민지: 긴 이야기" in seen.answers(cats.id)[-1])


async def test_a_persona_is_chosen_for_a_topic_or_for_all_of_them(
    bot: Bot, minji: Person, chat: Chat, cats: Topic, dogs: Topic
) -> None:
    async with bot(EchoBackend()) as yard:
        minji.says(cats, "/persona 올빼미")
        await chat.transcript.until(lambda seen: "올빼미" in "".join(seen.answers(cats.id)))
        here = Place(f"telegram/{chat.id}/{cats.id}")
        assert (await yard.conversations.current(here)).reference == "owl"
        there = Place(f"telegram/{chat.id}/{dogs.id}")
        assert (await yard.conversations.current(there)).reference == "parrot"
        minji.says(dogs, "/persona")
        menu = await shown(chat, "모든 주제")
        await minji.clicks(menu, "모든 주제").answered()
        menu = await shown(chat, "● 모든 주제")
        told = await minji.clicks(menu, "올빼미").answered()
        assert "모든 주제" in told
        assert (await yard.conversations.current(there)).reference == "owl"


async def test_forgetting_and_exporting_are_about_all_topics(
    bot: Bot, minji: Person, chat: Chat, cats: Topic, dogs: Topic
) -> None:
    async with bot(EchoBackend()) as yard:
        for topic, words in ((cats, "야옹"), (dogs, "멍멍")):
            minji.says(topic, words)
            await chat.transcript.until(answers(topic, words))
        minji.says(dogs, "/export")
        await chat.transcript.until(lambda seen: len([s for s in seen.screen() if s.file]) == 2)
        files = [each for each in chat.transcript.screen(dogs.id) if each.file]
        assert [each.file for each in files] == ["madang.md", "madang.json"]
        page, everything = (chat.messages[each.id].stored for each in files)
        assert page
        assert "야옹" not in page.attachment.data.decode()
        assert everything
        assert {each["raw"] for each in json.loads(everything.attachment.data)["turns"]} == {
            "야옹",
            "멍멍",
        }
        minji.says(cats, "/forget")
        await minji.clicks(await shown(chat, "지우기"), "지우기").answered()
        await chat.transcript.until(lambda seen: "모두 지웠어요." in seen.answers(cats.id))
        assert await yard.store.places("telegram") == []


async def test_an_answer_for_a_deleted_topic_troubles_nobody(
    bot: Bot, minji: Person, chat: Chat, cats: Topic, dogs: Topic
) -> None:
    backend = HeldBackend(hold_after=2)
    async with bot(backend) as yard:
        minji.says(cats, "긴 이야기")
        await backend.held.wait()
        minji.deletes_topic(cats)
        backend.go.set()
        await yard.conversations.settled()
        minji.says(dogs, "멍멍")
        await chat.transcript.until(answers(dogs, "멍멍"))
    assert chat.transcript.answers(cats.id) == []


def answers(topic: Topic, words: str) -> Callable[[Transcript], bool]:
    """Return what finds out whether the answer in a topic is that."""
    return lambda seen: words in seen.answers(topic.id)
