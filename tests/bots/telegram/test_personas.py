"""Who answers: the menu, links, greetings, locks, and several personas at once."""

from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.world import PARROT

from madang.contract import Place
from madang.testing import EchoBackend
from madang.testing.telegram import Chat, Message, Person, TelegramServer, blemishes


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody else."""
    return server.person("준호", "junho")


async def shown(chat: Chat, label: str) -> Message:
    """Wait for a button, and return its message."""

    def found() -> list[int]:
        return [s.id for s in chat.transcript.screen() if s.by_bot and label in str(s.buttons)]

    await chat.transcript.until(lambda seen: bool(found()))
    return chat.messages[found()[-1]]


async def test_a_persona_is_chosen_from_the_menu_and_introduces_itself(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend()) as yard:
        minji.says(chat, "/persona")
        menu = await shown(chat, "올빼미")
        assert "✓ 앵무새" in str(chat.transcript.screen()[-1].buttons)
        assert await minji.clicks(menu, "올빼미").answered() == "올빼미: 이제 여기서 답해요."
        await chat.transcript.until(lambda seen: "안녕! 따라 할게." in seen.answers()[-1])
        await minji.clicks(menu, "뭐 해?").answered()
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "뭐 해?")
        assert "💬 민지: 뭐 해?" in chat.transcript.answers()
        minji.says(chat, "안녕")
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "안녕")
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
        assert {turn.persona for turn in history if turn.role == "persona"} == {"owl"}
    assert blemishes(chat.transcript) == []


async def test_a_link_opens_a_persona(bot: Bot, minji: Person, chat: Chat) -> None:
    here = Place(f"telegram/{chat.id}")
    async with bot(EchoBackend()) as yard:
        minji.starts(chat, "p_owl")
        await chat.transcript.until(lambda seen: "올빼미" in "".join(seen.answers()))
        minji.starts(chat, "p_nobody")
        await chat.transcript.until(lambda seen: "그런 페르소나는" in seen.answers()[-1])
        minji.says(chat, "/about")
        await chat.transcript.until(lambda seen: "올빼미 (owl)" in seen.answers()[-1])
        assert (await yard.conversations.options.at(here)).persona == "owl"
        minji.says(chat, "/persona 앵무새")
        await chat.transcript.until(lambda seen: "앵무새\n" in seen.answers()[-1])
        assert (await yard.conversations.options.at(here)).persona == "parrot"


async def test_topics_groups_and_people_choose_apart(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person
) -> None:
    forum = server.forum("모임", minji, junho)
    cats, dogs = minji.opens_topic(forum, "고양이"), minji.opens_topic(forum, "강아지")
    async with bot(EchoBackend()) as yard:
        junho.says(cats, "/persona@madang_bot")
        menu = await shown(forum, "올빼미")
        await junho.clicks(menu, "올빼미").answered()
        await shown(forum, "뭐 해?")
        options = yard.conversations.options
        assert (await options.at(Place(f"telegram/{forum.id}/{cats.id}"))).persona == "owl"
        assert (await options.at(Place(f"telegram/{forum.id}/{dogs.id}"))).persona == "parrot"
        junho.says(dogs, "/persona@madang_bot")
        menu = await shown(forum, "✓ 앵무새")
        await junho.clicks(menu, "나에게만").answered()
        menu = await shown(forum, "● 나에게만")
        await junho.clicks(menu, "올빼미").answered()
        junho.says(dogs, "@madang_bot 하나")
        await forum.transcript.until(lambda seen: "하나" in seen.answers(dogs.id))
        minji.says(dogs, "@madang_bot 둘")
        await forum.transcript.until(lambda seen: seen.answers(dogs.id)[-1].endswith(": 둘"))
        history = await yard.conversations.history(Place(f"telegram/{forum.id}/{dogs.id}"))
    assert [turn.persona for turn in history if turn.role == "persona"] == ["owl", "parrot"]


async def test_where_it_is_locked_only_admins_choose(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person
) -> None:
    group = server.group("마당", minji, junho)
    async with bot(EchoBackend()) as yard:
        junho.says(group, "/settings@madang_bot")
        await group.transcript.until(lambda seen: "관리자만" in "".join(seen.answers()))
        minji.says(group, "/settings@madang_bot")
        settings = await shown(group, "관리자만 고르기")
        assert "관리자만" in await junho.clicks(settings, "고르기").answered()
        assert await minji.clicks(settings, "고르기").answered() == "바꾸었어요."
        await shown(group, "☑ 페르소나는")
        junho.says(group, "/persona@madang_bot")
        menu = await shown(group, "올빼미")
        assert "관리자만" in await junho.clicks(menu, "올빼미").answered()
        await minji.clicks(menu, "올빼미").answered()
        assert (await yard.conversations.options.at(Place(f"telegram/{group.id}"))).persona == "owl"


async def test_personas_are_called_by_name(bot: Bot, server: TelegramServer, minji: Person) -> None:
    group = server.group("마당", minji)
    async with bot(EchoBackend()) as yard:
        minji.says(group, "@madang_bot 올빼미야, 하나")
        await group.transcript.until(lambda seen: seen.answers() == ["하나"])
        minji.says(group, "@madang_bot 올빼미는 새야?")
        await group.transcript.until(lambda seen: seen.answers()[-1].endswith("새야?"))
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert [turn.persona for turn in history if turn.role == "persona"] == ["owl", "parrot"]


async def test_made_up_menu_presses_are_answered(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot():
        minji.says(chat, "/persona")
        menu = await shown(chat, "올빼미")
        for data in ("who:x:owl", "menu:p", "menu:p:x", "set:locked:1", "ask:99:owl", "set:"):
            assert await minji.sends_data(menu, data).answered() == "오래된 단추예요."


async def test_many_personas_come_in_pages(
    bot: Bot, minji: Person, chat: Chat, tmp_path: Path
) -> None:
    for number in range(12):
        name = f"bird_with_a_very_long_and_telling_name_{number}"
        home = tmp_path / "plugins" / name
        home.mkdir(parents=True)
        text = PARROT.replace("parrot", name).replace("앵무새", f"새 {number}번")
        (home / "persona.toml").write_text(text, "utf-8")
    async with bot(EchoBackend()) as yard:
        minji.says(chat, "/persona")
        menu = await shown(chat, "1/3")
        await minji.clicks(menu, "▶").answered()
        menu = await shown(chat, "2/3")
        await minji.clicks(menu, "새 7번").answered()
        here = await yard.conversations.options.at(Place(f"telegram/{chat.id}"))
        assert here.persona.endswith("_7")
        menu = await shown(chat, "뭐 해?")
        minji.clicks(menu, "뭐 해?")
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "뭐 해?")
