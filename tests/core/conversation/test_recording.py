"""What was said where the bot only listens."""

import asyncio
from pathlib import Path

from madang.contract import Author, TurnState
from madang.conversation import Said
from madang.testing import EchoBackend, HeldBackend
from madang.testing.chat import open_chat

CHEOLSU = Author("test:1", "철수")
YEONGHUI = Author("test:2", "영희")


def said(author: Author, text: str, message: str) -> Said:
    return Said(author=author, text=text, message_id=message)


async def test_is_seen_with_its_speakers_and_not_answered(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        heard = [said(CHEOLSU, "비 온다", "1"), said(YEONGHUI, "우산 있어?", "2")]
        assert await chat.conversations.record(chat.place, heard) == 2
        await chat.conversations.settled()
        assert backend.answered == []
        update = await chat.ask("누가 우산을 찾아?")
        assert update.text == "철수: 비 온다\n영희: 우산 있어?\n나: 누가 우산을 찾아?"


async def test_once_in_order_and_without_what_cannot_be_taken(profile: Path) -> None:
    async with open_chat(profile) as chat:
        first, second = said(CHEOLSU, "하나", "1"), said(CHEOLSU, "둘", "2")
        assert await chat.conversations.record(chat.place, [first]) == 1
        many = [first, second, said(CHEOLSU, " ", "3"), said(CHEOLSU, "가" * 20_000, "4")]
        assert await chat.conversations.record(chat.place, many) == 1
        await asyncio.gather(*(chat.conversations.record(chat.place, many) for _ in range(3)))
        assert await chat.shown() == ["하나", "둘"]


async def test_answers_of_the_bot_come_back_as_its_own(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        lost = Said(author=CHEOLSU, text="그래", message_id="2", persona="friend")
        await chat.conversations.record(chat.place, [said(chat.author, "놀자", "1"), lost])
        await chat.ask("언제?")
    segments = backend.answered[-1].prompt.segments
    assert [segment.text for segment in segments][1:] == ["놀자", "그래", "언제?"]


async def test_a_reset_is_not_undone(profile: Path) -> None:
    async with open_chat(profile) as chat:
        old = [said(CHEOLSU, "하나", "1")]
        await chat.conversations.record(chat.place, old)
        before = said(CHEOLSU, "둘", "2")
        await chat.conversations.reset(chat.place)
        assert await chat.conversations.record(chat.place, [*old, before]) == 0
        assert await chat.conversations.record(chat.place, [said(CHEOLSU, "셋", "3")]) == 1
        assert await chat.shown() == ["셋"]


async def test_waits_behind_what_is_asked(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=1)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "둘", persona="other")
        await chat.conversations.record(chat.place, [said(CHEOLSU, "셋", "3")])
        backend.go.set()
        # The one who waits is answered by whom they asked, with what was heard since.
        reply = await chat.reply(2)
        assert (await reply.final()).text.endswith("나: 둘\n철수: 셋")
        assert reply.persona.name == "other"
        await chat.conversations.record(chat.place, [said(CHEOLSU, "넷", "4")])
        await chat.conversations.settled()
        assert len(chat.replies) == 2


async def test_nobody_answers_it_after_a_restart(profile: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "talk.db")
    async with open_chat(profile, store=store) as chat:
        await chat.ask("하나")
        await chat.conversations.record(chat.place, [said(CHEOLSU, "둘", "2")])
    async with open_chat(profile, store=store) as chat:
        await chat.conversations.settled()
        assert chat.replies == []


async def test_a_persona_without_history_hears_only_questions(profile: Path) -> None:
    persona = profile.parent / "personas" / "friend" / "persona.toml"
    text = persona.read_text("utf-8").replace('history = "all"', 'history = "none"')
    persona.write_text(text, "utf-8")
    async with open_chat(profile) as chat:
        await chat.conversations.record(chat.place, [said(CHEOLSU, "수다", "1")])
        update = await chat.ask("하나")
        assert (update.text, update.state) == ("하나", TurnState.COMPLETE)
