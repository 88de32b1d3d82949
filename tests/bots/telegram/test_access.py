"""Who is served, how often, and what happens to what was said where the bot is no more."""

from msgspec import UNSET
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import EchoBackend
from madang.testing.telegram import Chat, Person, TelegramServer, blemishes


async def test_only_who_is_allowed_is_served(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    junho = server.person("준호")
    elsewhere = server.private(junho)
    group = server.group("마당", minji, junho)
    async with bot(EchoBackend(), more=f"allow_users = [{minji.user.id}]"):
        junho.says(elsewhere, "안녕")
        await elsewhere.transcript.until(lambda seen: "허락된" in "".join(seen.answers()))
        junho.says(elsewhere, "/help")
        junho.says(group, "@madang_bot 하나")
        minji.says(chat, "안녕")
        await chat.transcript.until(lambda seen: seen.answers() == ["안녕"])
        minji.says(group, "@madang_bot 둘")
        await group.transcript.until(lambda seen: seen.answers() == ["둘"])
        made_up = junho.sends_data(group.messages[group.transcript.screen()[-1].id], "menu:p:0")
        assert "허락된" in await made_up.answered()
    assert len(elsewhere.transcript.answers()) == 1
    assert blemishes(elsewhere.transcript) == []


async def test_an_owner_approves_groups(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    junho = server.person("준호")
    group = server.group("독서 모임", junho, bot=False)
    own = server.group("마당", minji, junho, bot=False)
    more = f"owners = [{minji.user.id}]\napprove_groups = true"
    async with bot(EchoBackend(), more=more):
        minji.says(chat, "안녕")
        await chat.transcript.until(lambda seen: seen.answers() == ["안녕"])
        junho.adds_bot(group)
        asked = await shown(chat, "네")
        assert "준호" in asked.text
        assert "독서 모임" in asked.text
        junho.says(group, "@madang_bot 하나")
        made_up = junho.sends_data(asked, f"let:yes:{group.id}")
        assert "물어본" in await made_up.answered() or "허락" in made_up.answer
        await minji.clicks(asked, "네").answered()
        junho.says(group, "@madang_bot 둘")
        await group.transcript.until(lambda seen: seen.answers() == ["둘"])
        minji.adds_bot(own)
        junho.says(own, "@madang_bot 셋")
        await own.transcript.until(lambda seen: seen.answers() == ["셋"])


async def test_a_group_that_an_owner_refuses_is_left(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    junho = server.person("준호")
    group = server.group("독서 모임", junho, bot=False)
    place = Place(f"telegram/{group.id}")
    async with bot(
        EchoBackend(), more=f"owners = [{minji.user.id}]\napprove_groups = true"
    ) as yard:
        minji.starts(chat)
        junho.adds_bot(group)
        asked = await shown(chat, "아니요")
        junho.promotes_bot(group)
        assert "나왔어요" in await minji.clicks(asked, "아니요").answered()
        await server.until(lambda: group.status_of(server.world.bot) == "left")
        assert ["나갈게요" in text for text in group.transcript.answers()] == [True]
        await server.until(lambda: not server.world.updates.row)
    assert isinstance(yard.conversations.options.said(place).left, float)
    assert "".join(chat.transcript.answers()).count("독서 모임") == 1


async def test_a_group_in_which_nobody_may_talk_with_the_bot_is_left(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    junho = server.person("준호")
    allowed = server.group("마당", junho, bot=False)
    other, own = server.group("모임", junho, bot=False), server.group("집", minji, bot=False)
    more = f"owners = [{minji.user.id}]\nallow_chats = [{allowed.id}]"
    async with bot(EchoBackend(), more=more):
        junho.adds_bot(allowed)
        junho.adds_bot(other)
        minji.adds_bot(own)
        await server.until(lambda: other.status_of(server.world.bot) == "left")
        minji.says(own, "@madang_bot 하나")
        await own.transcript.until(lambda seen: seen.answers() == ["하나"])
        junho.says(allowed, "@madang_bot 둘")
        await allowed.transcript.until(lambda seen: seen.answers() == ["둘"])
    assert "나갈게요" in other.transcript.answers()[-1]


async def test_a_group_that_somebody_else_upgrades_keeps_its_history(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    junho = server.person("준호")
    group = server.group("마당", minji, junho)
    backend = EchoBackend()
    async with bot(backend, more=f"allow_users = [{minji.user.id}]"):
        minji.says(group, "@madang_bot 고양이 이름은 나비야")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        new = junho.upgrades(group)
        minji.says(new, "@madang_bot 이름이 뭐야?")
        await new.transcript.until(lambda seen: len(seen.answers()) == 1)
    assert "나비" in backend.answered[-1].prompt.text


async def test_who_writes_too_fast_is_told_once(bot: Bot, minji: Person, chat: Chat) -> None:
    backend = EchoBackend()
    async with bot(backend, more="per_minute = 2"):
        for number in range(5):
            minji.says(chat, f"말 {number}")
        await chat.transcript.until(lambda seen: "너무 빨라요" in "".join(seen.answers()))
        await chat.transcript.until(lambda seen: "말 1" in "".join(seen.answers()))
        await shown(chat, "다시")
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "멈출 답이" in seen.answers()[-1])
    assert "".join(chat.transcript.answers()).count("너무 빨라요") == 1
    assert "말 2" not in "".join(chat.transcript.answers())


async def test_what_was_said_in_a_left_group_is_deleted_after_a_while(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    group, other = server.group("마당", minji), server.group("모임", minji)
    place, kept = Place(f"telegram/{group.id}"), Place(f"telegram/{other.id}")
    async with bot(EchoBackend()) as yard:
        for each in (group, other):
            minji.says(each, "@madang_bot 하나")
            await each.transcript.until(lambda seen: seen.answers() == ["하나"])
        minji.removes_bot(group)
        await server.until(lambda: not server.world.updates.row)
    async with bot(EchoBackend()) as yard:
        assert set(await yard.store.places("telegram")) == {place, kept}
    async with bot(EchoBackend(), more="left_days = 0") as yard:
        minji.says(other, "@madang_bot 둘")
        await other.transcript.until(lambda seen: len(seen.answers()) == 2)
        assert await yard.store.places("telegram") == [kept]


async def test_a_group_where_people_talk_is_not_deleted_as_left(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    async with bot(EchoBackend()):
        minji.removes_bot(group)
        await server.until(lambda: not server.world.updates.row)
    with server.world.updates.held() as row:
        # Telegram keeps updates for a day: that the bot came back may never be heard of.
        minji.adds_bot(group)
        row.clear()
    place = Place(f"telegram/{group.id}")
    async with bot(EchoBackend()) as yard:
        assert yard.conversations.options.said(place).left is not UNSET
        minji.says(group, "@madang_bot 또 왔네")
        await group.transcript.until(lambda seen: seen.answers() == ["또 왔네"])
    async with bot(EchoBackend(), more="left_days = 0") as yard:
        minji.says(group, "@madang_bot 둘")
        await group.transcript.until(lambda seen: len(seen.answers()) == 2)
        assert yard.conversations.options.said(place).left is UNSET
        assert (await yard.conversations.history(place))[0].raw == "또 왔네"
