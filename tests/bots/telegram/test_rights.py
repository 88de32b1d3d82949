"""Who may do what in groups: stop, try again, take back, begin anew, and choose who answers."""

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.telegram import Chat, Person, TelegramServer

MINE = "물어본 사람과 관리자만 할 수 있어요."


async def refused(group: Chat, times: int) -> None:
    """Wait until so many were told that they may not."""
    await group.transcript.until(lambda seen: seen.answers().count(MINE) == times)


async def test_only_who_asked_and_admins_stop_an_answer(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person
) -> None:
    sua = server.person("수아")
    group = server.group("마당", minji, junho, sua)
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        junho.says(group, "@madang_bot 긴 이야기를 해 줘")
        await backend.held.wait()
        sua.says(group, "/stop@madang_bot")
        await group.transcript.until(lambda seen: MINE in seen.answers())
        minji.says(group, "/stop@madang_bot")
        await group.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
        backend.go.set()
        sua.says(group, "/stop@madang_bot")
        await group.transcript.until(lambda seen: "멈출 답이 없어요." in seen.answers())


async def test_only_who_asked_last_and_admins_change_what_was_said(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    place = Place(f"telegram/{group.id}")
    async with bot(ScriptedBackend(answers=["하나", "둘", "셋"])) as yard:
        minji.says(group, "@madang_bot 숫자")
        await ended(group, "하나")
        for number, name in enumerate(("reset", "undo", "retry", "continue"), start=1):
            junho.says(group, f"/{name}@madang_bot")
            await refused(group, number)
        assert len(await yard.conversations.history(place)) == 2
        junho.says(group, "@madang_bot 나도")
        await ended(group, "둘")
        junho.says(group, "/undo@madang_bot")
        await group.transcript.until(lambda seen: "되돌렸어요" in seen.answers()[-1])
        minji.says(group, "/reset@madang_bot")
        await group.transcript.until(lambda seen: "새 이야기" in seen.answers()[-1])
        assert await yard.conversations.history(place) == []


async def test_a_stop_finds_a_question_that_was_just_sent(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=0)
    async with bot(backend):
        minji.says(chat, "아니 이건 잘못 보냈어")
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
        backend.go.set()


async def test_a_lock_of_the_chat_holds_from_an_unlocked_topic_too(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person
) -> None:
    forum = server.forum("모임", minji, junho)
    cats = minji.opens_topic(forum, "고양이")
    whole, topic = Place(f"telegram/{forum.id}"), Place(f"telegram/{forum.id}/{cats.id}")
    async with bot(EchoBackend()) as yard:
        options = yard.conversations.options
        await options.set(whole, "locked", True)
        await options.set(topic, "locked", False)
        junho.says(cats, "/persona@madang_bot")
        menu = await shown(forum, "그룹 전체")
        await junho.clicks(menu, "그룹 전체").answered()
        menu = await shown(forum, "● 그룹 전체")
        assert "관리자만" in await junho.clicks(menu, "올빼미").answered()
        assert (await options.at(whole)).persona == "parrot"
        await junho.clicks(menu, "여기").answered()
        await junho.clicks(await shown(forum, "● 여기"), "올빼미").answered()
        assert (await options.at(topic)).persona == "owl"


async def test_where_it_is_locked_only_admins_reach_somebody_else(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    server.world.privacy = False
    place = Place(f"telegram/{group.id}")
    async with bot(EchoBackend(), more='triggers = { "부엉아" = "owl" }') as yard:
        minji.says(group, "@madang_bot 올빼미야, 하나")
        answer = await ended(group, "하나")
        minji.says(group, "/start@madang_bot")
        menu = await shown(group, "뭐 해?")
        await yard.conversations.options.set(place, "locked", True)
        junho.says(group, "@madang_bot 올빼미야, 둘")
        await group.transcript.until(lambda seen: "올빼미야, 둘" in seen.answers()[-1])
        junho.says(group, "셋", reply_to=answer)
        await group.transcript.until(lambda seen: "셋" in seen.answers()[-1])
        junho.says(group, "부엉아 넷")
        await group.transcript.until(lambda seen: "넷" in seen.answers()[-1])
        await yard.conversations.options.set(place, "persona", "owl")
        assert "관리자만" in await junho.clicks(menu, "뭐 해?").answered()
        await yard.conversations.options.set(place, "persona", "parrot")
        await junho.clicks(menu, "뭐 해?").answered()
        await group.transcript.until(lambda seen: "💬 준호: 뭐 해?" in seen.answers())
        await group.transcript.until(lambda seen: "다시" in str(seen.screen()[-1].buttons))
        minji.says(group, "@madang_bot 올빼미야, 여섯")
        await group.transcript.until(lambda seen: seen.answers()[-1].endswith("민지: 여섯"))
        history = await yard.conversations.history(place)
    personas = [turn.persona for turn in history if turn.role == "persona"]
    assert personas == ["owl", *["parrot"] * 4, "owl"]
