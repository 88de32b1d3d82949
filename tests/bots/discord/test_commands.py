"""Slash commands and menus, as people type and choose them."""

import json
from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes
from tests.bots.discord.world import answer, at_work

from madang.testing.discord import DiscordServer, Person, Portal, Rules, open_discord
from madang.testing.discord.state.messages import Message
from madang_discord.places import author_of, channel_place, dm_place, guild_place, thread_place


async def test_chat_is_answered_where_it_thinks(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        asked = await scene.mina.slash(scene.channel, "chat", text="안녕")
        found = await asked.shows(lambda m: m.content == "안녕" and "다시" in m.buttons)
        scene.boram.says(scene.channel, "또", reply_to=found)
        await scene.channel.finds(lambda m: m.content == "보람: 또")
        assert bot.heard() == ["미나: 안녕", "안녕", "보람: 또"]


async def test_chat_says_that_an_answer_is_on_its_way(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        asked = await scene.mina.slash(scene.mina.dm, "chat", text="이야기")
        await asked.shows(lambda m: m.content == BEGUN)
        meanwhile = await scene.mina.slash(scene.mina.dm, "chat", text="저기")
        await meanwhile.shows(lambda m: "답을 쓰는 중" in m.content)
        assert bot.backend.asked == ["이야기"]
        bot.backend.go.set()
        told = await asked.shows(lambda m: "다시" in m.buttons)
        assert told.content == BEGUN + ENDED
        after = await scene.mina.slash(scene.mina.dm, "chat", text="이제")
        assert (await after.shows(lambda m: m.content == "이제")) is not told
        assert bot.backend.asked == ["이야기", "이제"]
        assert "답을 쓰는 중" in meanwhile.text


async def test_commands_speak_the_language_of_whoever_asks(scene: Scene, profile: Path) -> None:
    sam = scene.server.person("Sam", scene.guild, locale="en-US")
    async with at_work(profile, scene.server):
        await published(scene.server)
        korean = await scene.mina.slash(scene.channel, "도움말")
        english = await sam.slash(scene.channel, "help")
        assert "`/내보내기` 내가 한 말과" in korean.text
        assert "`/export` Get what you said" in english.text
        refused = await sam.slash(scene.channel, "persona use", persona="nobody")
        assert "no such persona" in (await refused.shows()).content.casefold()


async def test_a_persona_is_chosen_for_a_place_and_for_oneself(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        options = bot.yard.conversations.options
        choices = await scene.mina.types(scene.channel, "persona use", "persona", "올빼")
        assert choices == [("올빼미", "owl")]
        asked = await scene.mina.slash(scene.channel, "persona use", persona="owl")
        shown = await asked.shows(lambda m: "이제 여기서는 올빼미" in m.content)
        assert "> 안녕! 따라 할게." in shown.content
        assert shown.buttons == ["뭐 해?", "날씨가 좋아"]
        place = channel_place(scene.guild.id, scene.channel.id)
        assert (await options.at(place)).persona == "owl"
        await scene.mina.clicks(shown, "날씨가 좋아")
        await answer(scene.server, scene.channel, "날씨가 좋아")
        mine = await scene.boram.slash(scene.channel, "persona use", persona="parrot", where="me")
        await mine.shows(lambda m: "이제 앵무새" in m.content)
        boram = author_of(scene.boram.user.id, "").id
        assert (await options.at(place, boram)).persona == "parrot"


async def test_locks_and_servers_are_for_admins(scene: Scene, profile: Path) -> None:
    chief = scene.server.person("관리자", scene.guild, allowed=("manage_guild",))
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        server = guild_place(scene.guild.id)
        refused = await scene.mina.slash(
            scene.channel, "persona use", persona="owl", where="server"
        )
        said = await refused.shows(lambda m: "서버 관리 권한" in m.content)
        assert said not in scene.boram.sees(scene.channel)
        allowed = await chief.slash(scene.channel, "persona use", persona="owl", where="server")
        await allowed.shows(lambda m: "이 서버에서는 올빼미" in m.content)
        await bot.yard.conversations.options.set(server, "locked", True)
        locked = await scene.mina.slash(scene.channel, "persona use", persona="parrot")
        await locked.shows(lambda m: "관리자만 바꿀 수" in m.content)
        assert (await bot.yard.conversations.options.at(server)).persona == "owl"


async def test_personas_are_listed_and_described(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        await published(scene.server)
        listed = await scene.mina.slash(scene.channel, "persona list")
        personas = (await listed.shows()).content
        assert "**올빼미** (`owl`)" in personas
        assert "**앵무새** (`parrot`)" in personas
        described = await scene.mina.slash(scene.channel, "persona info", persona="owl")
        owl = (await described.shows()).content
        assert "올빼미" in owl
        assert "**라이선스**" in owl
        about = await scene.mina.slash(scene.channel, "about")
        here = (await about.shows()).content
        assert "앵무새" in here
        assert "**모델** held" in here


async def test_the_last_answer_is_made_again_and_stopped(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.channel, "@마당이 이야기")
        await answer(scene.server, scene.channel, BEGUN)
        stopped = await scene.mina.slash(scene.channel, "stop")
        await stopped.shows(lambda m: m.content == "멈췄어요.")
        found = await scene.channel.finds(lambda m: "(멈췄어요)" in m.content)
        assert found.content == f"{BEGUN}\n-# (멈췄어요)"
        bot.backend.go.set()
        await scene.mina.slash(scene.channel, "retry")
        again = await scene.channel.finds(lambda m: "2/2" in str(m.payload(scene.server.bot)))
        assert again is found
        assert again.content == BEGUN + ENDED
        assert again.buttons == ["다시", "◀", "지우기"]


async def test_who_asked_may_stop_although_somebody_spoke_in_between(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        scene.mina.says(thread, "@마당이 이야기")
        await answer(scene.server, thread, BEGUN)
        scene.boram.says(thread, "@미나 저는 구경만 해요")

        async def heard() -> bool:
            return len(await bot.shown(place)) == 3

        await comes(heard)
        refused = await scene.boram.slash(thread, "stop")
        await refused.shows(lambda m: "관리자만" in m.content)
        stopped = await scene.mina.slash(thread, "stop")
        await stopped.shows(lambda m: m.content == "멈췄어요.")


async def test_a_conversation_is_shown_and_begun_anew(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        history = await scene.mina.slash(scene.mina.dm, "history")
        await history.shows(lambda m: "하나" in m.content)
        reset = await scene.mina.slash(scene.mina.dm, "reset")
        await reset.shows(lambda m: "새로 시작" in m.content)
        assert await bot.shown(dm_place(scene.mina.dm.id)) == []


async def test_data_are_handed_over_and_deleted(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.channel, "@마당이 비밀이야")
        await answer(scene.server, scene.channel, "비밀이야")
        exported = await scene.mina.slash(scene.channel, "export")
        file = (await exported.shows()).attachments[0]
        assert "비밀이야" in str(json.loads(file.data))
        forget = await scene.mina.slash(scene.channel, "forget")
        question = await forget.shows()
        assert question not in scene.boram.sees(scene.channel)
        await scene.mina.clicks(question, "모두 지우기")
        await forget.shows(lambda m: "모두 지웠어요" in m.content)
        mina = author_of(scene.mina.user.id, "").id
        assert not (await bot.yard.conversations.everything(mina)).turns


async def test_menus_ask_and_forget(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        said = scene.boram.says(scene.channel, "고양이는 왜 울까")
        asked = await scene.mina.uses_menu("페르소나에게 물어보기", said, scene.channel)
        await asked.shows(lambda m: m.content == "고양이는 왜 울까")
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        second = scene.mina.says(scene.mina.dm, "둘")
        await answer(scene.server, scene.mina.dm, "둘")
        menu = await scene.mina.uses_menu("이 위로는 잊기", second, scene.mina.dm)
        await menu.shows(lambda m: "이제 읽지 않아요" in m.content)
        assert "하나" not in await bot.shown(dm_place(scene.mina.dm.id))


async def test_commands_work_where_the_bot_is_no_member(profile: Path) -> None:
    async with open_discord(Rules().scaled(0.02), portal=Portal(message_content=False)) as server:
        home, away = server.guild("마당"), server.world.add_guild("남의 집", "ko")
        channel = server.channel(away, "잡담")
        mina = server.person("미나", home, away)
        server.installs(mina)
        async with at_work(profile, server) as bot:
            await published(server)
            asked = await mina.slash(channel, "chat", text="이야기")
            shown = await asked.shows(lambda m: m.content == BEGUN)
            bot.backend.go.set()
            whole = await asked.shows(lambda m: "다시" in m.buttons)
            assert whole is shown
            assert whole.content == BEGUN + ENDED
            await mina.clicks(shown, "다시")
            again = await asked.shows(lambda m: "◀" in m.buttons)
            assert again is shown
            retried = await mina.slash(channel, "retry")
            await retried.shows(lambda m: "다시 만들고" in m.content)
            third = await channel.finds(lambda m: m is not shown and "◀" in m.buttons)
            assert third.content == BEGUN + ENDED
            long = await mina.slash(channel, "chat", text="길게 300")
            whole = await long.shows(lambda m: "다시" in m.buttons)
            assert whole.attachments[0].name == "answer.md"
            for each in (third, shown, whole):
                await deleted(mina, each)
            assert not [m for m in channel.shown() if m.author is server.bot]


async def test_commands_are_published_only_when_they_changed(scene: Scene, profile: Path) -> None:
    server = scene.server
    async with at_work(profile, server):
        await published(server)
    async with at_work(profile, server):
        await looked(server, 2)
    assert len(server.requests.of("PUT", "/commands")) == 1
    next(iter(server.world.commands.values()))["description"] = "something else"
    async with at_work(profile, server):
        await looked(server, 3)
        await server.requests.bell.until(
            lambda: len(server.requests.of("PUT", "/commands")) == 2, limit=5.0, tell=str
        )


async def deleted(person: Person, message: Message) -> None:
    await person.clicks(message, "지우기")
    await message.place.transcript.bell.until(
        lambda: message not in message.place.shown(), limit=5.0, tell=str
    )


async def looked(server: DiscordServer, times: int) -> None:
    await server.requests.bell.until(
        lambda: len(server.requests.of("GET", "/commands")) == times, limit=5.0, tell=str
    )
