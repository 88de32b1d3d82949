"""Who has used up the day is told so before anything is kept or generated."""

import re
from pathlib import Path

import pytest

from madang.contract import Author, Place
from madang.conversation import problem_of
from madang.errors import Quota
from madang.testing import HeldBackend
from madang.testing.chat import Chat, open_chat

OTHER = Author("test:other", "철수")


def limited(profile: Path, text: str) -> Path:
    """Add tables to the profile."""
    profile.write_text(f"{profile.read_text('utf-8')}\n{text}\n", "utf-8")
    return profile


async def asked(chat: Chat, *questions: str) -> None:
    """Ask and wait until all is counted."""
    for question in questions:
        await chat.ask(question)
        await chat.conversations.settled()


async def test_a_person_has_so_many_questions_a_day(profile: Path) -> None:
    limited(profile, "[limits]\ndaily_requests = 2")
    async with open_chat(profile) as chat:
        await asked(chat, "하나", "둘")
        with pytest.raises(Quota) as caught:
            await chat.ask("셋")
        assert await chat.shown() == ["하나", "하나", "둘", "둘"]
        # Wherever it is asked; and somebody else still may.
        with pytest.raises(Quota):
            await chat.conversations.say(Place("test/elsewhere"), chat.author, "셋")
        chat.author = OTHER
        await asked(chat, "넷")
    problem = problem_of(caught.value)
    assert problem.code == "quota"
    assert problem.message == "오늘 한 사람이 물을 수 있는 만큼 다 물었어요 (2번 중 2번)."
    assert re.match(r"\d+시간 \d+분 뒤", problem.hint)


async def test_every_way_to_ask_is_checked(profile: Path) -> None:
    limited(profile, "[limits]\ndaily_requests = 1")
    async with open_chat(profile) as chat:
        await asked(chat, "하나")
        talk = chat.conversations
        for again in (talk.retry(chat.place), talk.go_on(chat.place)):
            with pytest.raises(Quota):
                await again
        with pytest.raises(Quota):
            await talk.edit(chat.place, chat.author, "두울")
        assert await chat.shown() == ["하나", "하나"]
        assert [turn.state for turn in await talk.tree(chat.place)] == ["complete"] * 2
        limited(profile, "daily_tokens = 0")
        profile.write_text(profile.read_text("utf-8").replace("requests = 1", "requests = 0"))
        await asked(chat, "둘")


async def test_tokens_of_prompt_and_answer_count(profile: Path) -> None:
    limited(profile, "[limits]\ndaily_tokens = 10")
    async with open_chat(profile) as chat:
        await asked(chat, "하나")
        with pytest.raises(Quota, match=r"\(10토큰 중 11토큰\)"):
            await chat.ask("둘")


async def test_a_place_counts_everybody_and_all_below_it(profile: Path) -> None:
    limited(
        profile,
        """
        [places."test/guild"]
        daily_requests = 2
        locale = "en"
        [places."test/guild/free"]
        daily_requests = 0
        """,
    )
    async with open_chat(profile) as chat:
        for author, key in ((chat.author, "test/guild/one"), (OTHER, "test/guild/free")):
            chat.author, chat.place = author, Place(key)
            await asked(chat, "하나")
        for key in ("test/guild", "test/guild/two"):
            with pytest.raises(Quota, match=r"asked here today are used up \(2 of 2\)"):
                await chat.conversations.say(Place(key), chat.author, "둘")
        await asked(chat, "둘")
        chat.place = Place("test/guild2")
        await asked(chat, "셋")


async def test_what_was_taken_in_is_answered(profile: Path) -> None:
    limited(profile, "[limits]\ndaily_requests = 1")
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        # Nothing has ended yet, so that this may still be asked.
        await chat.conversations.say(chat.place, chat.author, "둘")
        backend.go.set()
        assert (await (await chat.reply(2)).final()).text == "둘"
        await chat.conversations.settled()
        with pytest.raises(Quota):
            await chat.ask("셋")


async def test_yesterday_does_not_count(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(profile, "[limits]\ndaily_requests = 1")
    async with open_chat(profile) as chat:
        await asked(chat, "하나")
        monkeypatch.setattr("madang.conversation.quota.day_of", lambda seconds: "2999-01-01")
        await asked(chat, "둘")


async def test_it_is_told_in_the_language_in_which_the_bot_speaks_with_somebody(
    profile: Path,
) -> None:
    limited(profile, "[limits]\ndaily_requests = 1")
    async with open_chat(profile) as chat:
        chat.conversations.options.languages["test"] = lambda place, person: (
            "en" if person == chat.author.id else "ko"
        )
        await asked(chat, "하나")
        with pytest.raises(Quota, match="today"):
            await chat.ask("둘")
