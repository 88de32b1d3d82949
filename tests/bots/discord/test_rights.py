"""Who may have a conversation begun anew, or its beginning left out."""

from pathlib import Path

from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work

from madang_discord.places import channel_place, dm_place, thread_place

NOT_TAKEN_PART = "이 대화에서 물어본 사람과 관리자만"


async def test_only_who_took_part_resets_a_thread(scene: Scene, profile: Path) -> None:
    chief = scene.server.person("관리자", scene.guild, allowed=("manage_messages",))
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        place = thread_place(scene.guild.id, scene.channel.id, thread.id)
        scene.mina.says(thread, "@마당이 하나")
        first = await answer(scene.server, thread, "하나")
        scene.boram.says(thread, "@미나 저는 구경만 해요")
        await bot.talk.conversations.settled()
        refused = await scene.boram.slash(thread, "reset")
        await refused.shows(lambda message: NOT_TAKEN_PART in message.content)
        menu = await scene.boram.uses_menu("이 위로는 잊기", first, thread)
        await menu.shows(lambda message: NOT_TAKEN_PART in message.content)
        assert "하나" in await bot.shown(place)
        asked = await scene.mina.slash(thread, "reset")
        await asked.shows(lambda message: "새로 시작" in message.content)
        assert await bot.shown(place) == []
        scene.mina.says(thread, "둘")
        await answer(scene.server, thread, "둘")
        by_chief = await chief.slash(thread, "reset")
        await by_chief.shows(lambda message: "새로 시작" in message.content)
        assert await bot.shown(place) == []


async def test_in_direct_messages_it_is_always_theirs(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        asked = await scene.mina.slash(scene.mina.dm, "reset")
        await asked.shows(lambda message: "새로 시작" in message.content)
        assert await bot.shown(dm_place(scene.mina.dm.id)) == []


async def test_a_channel_leaves_its_threads_alone(scene: Scene, profile: Path) -> None:
    """What somebody said last may have been in a thread; the command is about the channel."""
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        options, here = bot.yard.conversations.options, (scene.guild.id, scene.channel.id)
        await options.set(channel_place(*here), "free", True)
        scene.mina.says(scene.channel, "하나")
        await answer(scene.server, scene.channel, "하나")
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        scene.mina.says(thread, "@마당이 둘")
        await answer(scene.server, thread, "둘")
        past = await scene.mina.slash(scene.channel, "history")
        shown = await past.shows(lambda message: "하나" in message.content)
        assert "둘" not in shown.content
        asked = await scene.mina.slash(scene.channel, "reset")
        await asked.shows(lambda message: "새로 시작" in message.content)
        assert await bot.shown(channel_place(*here)) == []
        assert await bot.shown(thread_place(*here, thread.id)) != []
