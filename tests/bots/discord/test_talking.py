"""Talking with a persona on Discord, as people see it."""

from pathlib import Path

import discord
from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, build, count

from madang.testing.discord import Portal, Rules, Upload, open_discord
from madang_discord.places import author_of, channel_place, dm_place, guild_place, thread_place


async def test_a_mention_is_answered_as_a_reply(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        scene.boram.says(scene.channel, "아무도 안 부른 말")
        asked = scene.mina.says(scene.channel, "@마당이 안녕")
        found = await answer(scene.server, scene.channel, "안녕")
        assert found.reply_to is asked
        assert found.pinged == ["미나"]
        assert count(scene) == 1


async def test_an_answer_grows_in_one_message(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기 해 줘")
        await answer(scene.server, scene.channel, BEGUN)
        bot.backend.go.set()
        found = await answer(scene.server, scene.channel, BEGUN + ENDED)
        assert scene.channel.transcript.texts(found)[-2:] == [BEGUN, BEGUN + ENDED]
        assert count(scene) == 1


async def test_those_who_wait_see_their_place_in_the_queue(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path)
    async with at_work(profile, scene.server, slots=1) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        await bot.backend.held.wait()
        asked = scene.boram.says(scene.channel, "@마당이 저는요?")
        waits = await scene.channel.finds(lambda m: m.reply_to is asked and "1번째" in m.content)
        assert waits.content.startswith("💭 차례를 기다려요")
        bot.backend.go.set()
        await answer(scene.server, scene.channel, "저는요?")
        assert waits.content == "저는요?"


async def test_a_reply_goes_on_with_the_chain(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        first = await answer(scene.server, scene.channel, "하나")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        await answer(scene.server, scene.channel, "둘")
        assert bot.heard() == ["하나", "하나", "둘"]
        scene.mina.says(scene.channel, "@마당이 다른 이야깃거리")
        await answer(scene.server, scene.channel, "다른 이야깃거리")
        assert bot.heard() == ["다른 이야깃거리"]


async def test_a_reply_to_an_earlier_answer_is_a_branch_of_its_own(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        first = await answer(scene.server, scene.channel, "하나")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        await answer(scene.server, scene.channel, "둘")
        scene.boram.says(scene.channel, "셋", reply_to=first)
        await answer(scene.server, scene.channel, "보람: 셋")
        assert bot.heard() == ["미나: 하나", "하나", "보람: 셋"]


async def test_a_chain_is_read_back_from_discord(scene: Scene, profile: Path) -> None:
    first = scene.mina.says(scene.channel, "금리가 뭐야?")
    second = scene.boram.says(scene.channel, "돈값이지", reply_to=first)
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 맞아?", reply_to=second)
        await scene.channel.finds(lambda m: m.author is scene.server.bot and "맞아?" in m.content)
        assert bot.heard() == ["미나: 금리가 뭐야?\n보람: 돈값이지\n미나: 맞아?"]


async def test_naming_the_bot_alone_asks_what_is_replied_to(scene: Scene, profile: Path) -> None:
    said = scene.boram.says(scene.channel, "고양이는 왜 울까")
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이", reply_to=said)
        found = await answer(scene.server, scene.channel, "고양이는 왜 울까")
        assert found.reply_to is asked
        assert bot.backend.asked == ["고양이는 왜 울까"]


async def test_naming_the_bot_alone_is_greeted(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이")
        found = await scene.channel.finds(lambda message: "안녕! 따라 할게." in message.content)
        assert "- 뭐 해?" in found.content


async def test_what_holds_no_words_gets_a_hint(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        files = [Upload(name=f"{number}.png", data=b"x") for number in range(10)]
        scene.mina.says(scene.mina.dm, files=files)
        hint = await scene.mina.dm.finds(lambda m: "글만 읽을 수 있어요" in m.content)
        await bot.yard.conversations.settled()
        assert hint.author is scene.server.bot
        assert count(scene, scene.mina.dm) == 1
        assert bot.backend.asked == []


async def test_direct_messages_are_one_conversation(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        scene.mina.says(scene.mina.dm, "둘")
        await answer(scene.server, scene.mina.dm, "둘")
        assert await bot.shown(dm_place(scene.mina.dm.id)) == ["하나", "하나", "둘", "둘"]
        scene.boram.says(scene.boram.dm, "셋")
        await answer(scene.server, scene.boram.dm, "셋")
        assert bot.heard() == ["셋"]


async def test_a_thread_is_heard_whole(scene: Scene, profile: Path) -> None:
    thread = scene.mina.opens_thread(scene.channel, "금리")
    scene.mina.says(thread, "이건 비밀이 아니야")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(thread, "@마당이 하나")
        await answer(scene.server, thread, "이건 비밀이 아니야\n하나")
        assert bot.heard() == ["이건 비밀이 아니야\n하나"]
        scene.boram.says(thread, "둘")
        await thread.finds(lambda m: m.author is scene.server.bot and "둘" in m.content)
        scene.boram.says(thread, "@미나 너 말고")
        scene.mina.says(thread, "셋")
        await thread.finds(lambda m: m.author is scene.server.bot and "셋" in m.content)
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        shown = await bot.shown(place)
        assert "@미나 너 말고" in shown
        assert count(scene, thread) == 3


async def test_what_was_read_back_is_not_asked_when_it_is_heard_late(
    scene: Scene, profile: Path
) -> None:
    thread = scene.mina.opens_thread(scene.channel, "금리")
    before = scene.mina.says(thread, "예전 말")
    async with at_work(profile, scene.server) as bot:
        scene.boram.says(thread, "@마당이 하나")
        await thread.finds(lambda m: m.author is scene.server.bot and "하나" in m.content)
        client = bot.talk.client
        channel = client and client.get_channel(thread.id)
        assert isinstance(channel, discord.Thread)
        bot.serving.hearing._seen.clear()
        await bot.serving.hearing.message(await channel.fetch_message(before.id))
        await bot.serving.hearing._bursts.close()
        await bot.yard.conversations.settled()
        assert len(bot.backend.asked) == 1


async def test_a_free_channel_needs_no_name(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        place = channel_place(scene.guild.id, scene.channel.id)
        await bot.yard.conversations.options.set(place, "free", True)
        scene.mina.says(scene.channel, "하나")
        first = await answer(scene.server, scene.channel, "하나")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        await answer(scene.server, scene.channel, "둘")
        assert await bot.shown(place) == ["하나", "하나", "둘", "둘"]


async def test_a_place_that_is_switched_off_is_silent(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "enabled", False)
        scene.mina.says(scene.channel, "@마당이 거기 있어?")
        scene.mina.says(scene.mina.dm, "여기는?")
        await answer(scene.server, scene.mina.dm, "여기는?")
        assert count(scene) == 0


async def test_several_messages_in_one_go_are_one_question(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, burst=0.3)
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        scene.mina.says(scene.channel, "둘")
        scene.boram.says(scene.channel, "끼어든 말")
        scene.mina.says(scene.channel, "셋")
        await answer(scene.server, scene.channel, "하나\n둘\n셋")
        assert bot.heard() == ["하나\n둘\n셋"]
        assert count(scene) == 1


async def test_other_bots_are_answered_a_few_times(scene: Scene, profile: Path) -> None:
    robot = scene.server.stranger_bot("로봇", scene.guild)
    async with at_work(profile, scene.server):
        for number in range(5):
            robot.says(scene.channel, f"@마당이 삐빅 {number}")
        scene.mina.says(scene.mina.dm, "끝?")
        await answer(scene.server, scene.mina.dm, "끝?")
        await answer(scene.server, scene.channel, "삐빅 2")
        assert count(scene) == 3


async def test_mentions_become_names_and_nobody_is_pinged(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 @보람 그리고 @everyone 안녕")
        found = await answer(scene.server, scene.channel, "@보람 그리고 @everyone 안녕")
        assert bot.heard() == ["@보람 그리고 @everyone 안녕"]
        assert found.pinged == ["미나"]


async def test_an_edit_is_answered_anew_in_the_same_message(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        first = await answer(scene.server, scene.channel, "하나")
        await bot.yard.conversations.settled()
        scene.mina.edits(asked, "@마당이 둘")
        again = await answer(scene.server, scene.channel, "둘")
        assert again is first
        assert count(scene) == 1


async def test_an_edit_that_names_the_bot_is_heard(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "깜빡했네")
        scene.mina.edits(asked, "@마당이 깜빡했네")
        found = await answer(scene.server, scene.channel, "깜빡했네")
        assert found.reply_to is asked
        assert bot.backend.asked == ["깜빡했네"]
        assert count(scene) == 1


async def test_a_deleted_question_takes_its_answer_along(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        await bot.yard.conversations.settled()
        scene.mina.deletes(asked)
        await scene.mina.dm.sees(lambda messages: not messages)
        assert await bot.shown(dm_place(scene.mina.dm.id)) == []


async def test_without_the_intent_mentions_and_direct_messages_work(profile: Path) -> None:
    async with open_discord(Rules().scaled(0.02), portal=Portal(message_content=False)) as server:
        guild = server.guild("마당")
        channel = server.channel(guild, "잡담")
        mina = server.person("미나", guild)
        async with at_work(profile, server) as bot:
            assert "message content intent is off" in bot.serving.found.warnings[0]
            mina.says(channel, "안 들리는 말")
            mina.says(channel, "@마당이 하나")
            first = await answer(server, channel, "하나")
            mina.says(channel, "둘", reply_to=first)
            await answer(server, channel, "둘")
            mina.says(mina.dm, "셋")
            await answer(server, mina.dm, "셋")


async def test_a_persona_is_called_by_name_and_answered_on_by_reply(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 올빼미야, 밤이니?")
        first = await answer(scene.server, scene.channel, "밤이니?")
        scene.mina.says(scene.channel, "올빼미 눈은 크니?", reply_to=first)
        await answer(scene.server, scene.channel, "올빼미 눈은 크니?")
        await bot.yard.conversations.settled()
        found = await bot.yard.conversations.messages.find(
            guild_place(scene.guild.id), str(scene.channel.shown()[-1].id)
        )
        assert found is not None
        assert found.turn.persona == "owl"


async def test_a_person_keeps_the_persona_they_chose(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        mina = author_of(scene.mina.user.id, "미나")
        await bot.yard.conversations.options.set(mina.id, "persona", "owl")
        scene.mina.says(scene.mina.dm, "안녕")
        await answer(scene.server, scene.mina.dm, "안녕")
        turns = await bot.yard.conversations.history(dm_place(scene.mina.dm.id))
        assert [turn.persona for turn in turns] == ["owl", "owl"]


async def test_a_persona_that_vanished_is_told(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        place = dm_place(scene.mina.dm.id)
        await bot.yard.store.set_option(place.key, "persona", '"dodo"')
        scene.mina.says(scene.mina.dm, "안녕")
        told = await answer(scene.server, scene.mina.dm, "-# 그런 페르소나는 없어요.")
        await bot.yard.conversations.settled()
        assert told.content == "-# 그런 페르소나는 없어요."
        assert bot.backend.asked == []
        assert count(scene, scene.mina.dm) == 1
