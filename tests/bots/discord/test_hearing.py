"""What is said, changed and taken back, at awkward moments."""

from pathlib import Path

from tests.bots.discord.backend import BEGUN
from tests.bots.discord.commanding import privately
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import all_asked, comes, ended, until_said, until_waiting
from tests.bots.discord.world import answer, at_work, build, count

from madang_discord.places import BOT, chain_place, dm_place, guild_place, thread_place

LONG = 10.0
"""Seconds for which nothing that is collected is asked by itself."""


async def test_an_edit_counts_before_anybody_was_asked(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path, burst=LONG), scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하낭")
        await until_waiting(bot, "하낭")
        scene.mina.edits(asked, "@마당이 올빼미야, 하나")
        await until_waiting(bot, "하나")
        await all_asked(bot)
        (question, _) = await bot.yard.conversations.history(
            chain_place(scene.guild.id, scene.channel.id, asked.id)
        )
        assert (question.raw, question.persona) == ("하나", "owl")
        assert bot.backend.asked == ["하나"]


async def test_what_is_deleted_before_anybody_was_asked_is_not_asked(
    scene: Scene, tmp_path: Path
) -> None:
    async with at_work(build(tmp_path, burst=LONG), scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        secret = scene.mina.says(scene.channel, "비밀")
        await until_waiting(bot, "하나", "비밀")
        scene.mina.deletes(secret)
        await until_waiting(bot, "하나")
        await all_asked(bot)
        assert bot.backend.asked == ["하나"]


async def test_an_edit_while_a_question_is_taken_in_counts(scene: Scene, profile: Path) -> None:
    above = scene.boram.says(scene.channel, "돈값이지")
    slow = scene.server.faults.slows("GET", "/channels/*/messages/*", seconds=0.1, times=9)
    above = scene.boram.says(scene.channel, "맞아", reply_to=above)
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하낭?", reply_to=above)
        await slow.struck()
        scene.mina.edits(asked, "@마당이 하나?")
        await ended(scene, scene.channel, "하나?")
        await bot.yard.conversations.settled()
        assert count(scene) == 1, str(scene.channel.transcript)
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)
        assert "하나?" in await bot.shown(place)
        assert "하낭?" not in await bot.shown(place)


async def test_a_greeting_becomes_an_answer_by_an_edit(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path), scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이")
        await scene.channel.finds(lambda message: "안녕! 따라 할게." in message.content)
        scene.mina.edits(asked, "@마당이 안녕")
        await ended(scene, scene.channel, "안녕")
        assert bot.backend.asked == ["안녕"]


async def test_who_writes_on_and_on_asks_one_question(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path, burst=LONG), scene.server) as bot:
        addressing = bot.serving.hearing.addressing
        scene.mina.says(scene.channel, "@마당이 하나")
        await until_waiting(bot, "하나")
        (key,) = addressing._open
        place, first, until = addressing._open[key]
        addressing._open[key] = (place, first, until - LONG / 2)
        scene.mina.says(scene.channel, "둘")
        await until_waiting(bot, "하나", "둘")
        assert addressing._open[key][2] > until


async def test_what_is_said_to_somebody_else_is_no_part_of_the_question(
    scene: Scene, tmp_path: Path
) -> None:
    async with at_work(build(tmp_path, burst=LONG), scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        scene.mina.says(scene.channel, "@보람 이따 밥 먹자")
        scene.mina.says(scene.channel, "둘")
        await until_waiting(bot, "하나", "둘")
        await all_asked(bot)
        assert bot.heard() == ["하나\n둘"]


async def test_what_is_said_to_others_stays_in_its_order(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path, burst=LONG), scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "방")
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        scene.mina.says(thread, "@마당이 하나")
        await until_waiting(bot, "하나")
        await all_asked(bot)
        scene.mina.says(thread, "둘")
        await until_waiting(bot, "둘")
        scene.boram.says(thread, "@미나 셋")
        await until_said(bot, place, "@미나 셋")
        await bot.yard.conversations.settled()
        shown = await bot.shown(place)
        assert shown[:3] == ["하나", "하나", "둘"]
        assert shown.index("@미나 셋") > 2


async def test_an_answer_belongs_to_who_asked_and_not_to_who_spoke_last(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "방")
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        scene.mina.says(thread, "@마당이 이야기")
        await answer(scene.server, thread, BEGUN)
        asked = scene.mina.says(thread, "둘")
        await until_said(bot, place, "둘")
        scene.boram.says(thread, "@미나 밥 먹자")
        await until_said(bot, place, "@미나 밥 먹자")
        bot.backend.go.set()
        found = await ended(scene, thread, "둘")
        assert found.reply_to is asked
        assert found.pinged == ["미나"]
        await bot.yard.conversations.settled()
        told = await privately(await scene.boram.clicks(found, "다시"))
        assert "물어본 사람" in told.content
        await scene.mina.clicks(found, "다시")
        await ended(scene, thread, "둘", "◀")


async def test_a_deletion_in_an_archived_thread_counts(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "방")
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        asked = scene.mina.says(thread, "@마당이 비밀")
        await answer(scene.server, thread, "비밀")
        await bot.yard.conversations.settled()
        scene.mina.archives(thread)
        scene.mina.deletes(asked)

        async def empty() -> bool:
            return await bot.shown(place) == []

        await comes(empty)
        await thread.sees(lambda shown: not shown)


async def test_an_edit_and_a_deletion_reach_every_branch(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        first = await ended(scene, scene.channel, "하나")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        await ended(scene, scene.channel, "둘")
        scene.boram.says(scene.channel, "셋", reply_to=first)
        await ended(scene, scene.channel, "셋")
        await bot.yard.conversations.settled()

        async def kept() -> list[str]:
            places = await bot.yard.store.places(BOT.key)
            trees = [await bot.yard.conversations.tree(place) for place in places]
            return [turn.raw for tree in trees for turn in tree if turn.role == "user"]

        async def reworded() -> bool:
            return "하나" not in await kept()

        async def gone() -> bool:
            return "고침" not in await kept()

        scene.mina.edits(asked, "@마당이 고침")
        await comes(reworded)
        assert sorted(await kept()) == ["고침", "고침", "둘", "셋"]
        scene.mina.deletes(asked)
        await comes(gone)
        await scene.channel.sees(lambda shown: first not in shown)
        assert sorted(await kept()) == ["둘", "셋"]


async def test_an_edit_that_is_taken_back_at_once(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        await ended(scene, scene.channel, "하나")
        await bot.yard.conversations.settled()
        scene.mina.edits(asked, "@마당이 둘")
        scene.mina.edits(asked, "@마당이 하나")
        scene.mina.says(scene.channel, "@마당이 끝")
        await ended(scene, scene.channel, "끝")
        await bot.yard.conversations.settled()
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)
        assert await bot.shown(place) == ["하나", "하나"]


async def test_an_edit_reads_the_name_of_a_persona_as_before(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 올빼미야, 밤이니?")
        await ended(scene, scene.channel, "밤이니?")
        await bot.yard.conversations.settled()
        scene.mina.edits(asked, "@마당이 앵무새야, 낮이니?")
        await ended(scene, scene.channel, "낮이니?")
        assert bot.backend.asked == ["밤이니?", "낮이니?"]
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)
        turns = await bot.yard.conversations.history(place)
        assert [turn.persona for turn in turns] == ["parrot", "parrot"]


async def test_an_edit_where_it_is_switched_off_is_met_with_silence(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, options="person_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        await ended(scene, scene.channel, "하나")
        await bot.yard.conversations.settled()
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "enabled", False)
        scene.mina.edits(asked, "@마당이 둘")
        scene.mina.deletes(asked)
        # By its deletion the edit was heard.
        await scene.channel.sees(lambda shown: not shown)
        assert bot.backend.asked == ["하나"]


async def test_a_thread_without_the_bot_leaves_no_trace(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "우리끼리")
        scene.boram.says(thread, "여기 봇 없지?")
        scene.mina.says(scene.mina.dm, "끝")
        await answer(scene.server, scene.mina.dm, "끝")
        places = [place.key for place in await bot.yard.store.places(BOT.key)]
        assert places == [dm_place(scene.mina.dm.id).key]
