"""Threads: opened by the bot and by people, spoken in, archived and locked."""

import asyncio

import discord
from tests.core.testing.discord.scene import Listener, Scene, refused

from madang.testing.discord import running


async def test_the_bot_opens_a_thread_from_a_message(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        asked = scene.mina.says(scene.channel, "길게 이야기하자")
        message = await client.wait_for("message")
        thread = await message.create_thread(name="긴 이야기")
        await thread.send("여기서요")
        place = asked.thread
        assert place is not None
        assert (place.id, place.name) == (asked.id, "긴 이야기")
        starter, answer = place.shown()
        assert (starter.type, starter.reply_to) == (21, asked)
        assert answer.content == "여기서요"
        await refused(message.create_thread(name="또"), 400, 160004)
        scene.mina.says(place, "좋아")
        heard = await client.wait_for("message", check=lambda m: m.content == "좋아")
        assert isinstance(heard.channel, discord.Thread)
        assert heard.channel.owner_id == scene.server.bot.id
        history = [m async for m in heard.channel.history(oldest_first=True)]
        assert [m.content for m in history] == ["", "여기서요", "좋아"]
        resolved = history[0].reference and history[0].reference.resolved
        assert isinstance(resolved, discord.Message)
        assert resolved.content == "길게 이야기하자"


async def test_people_open_threads_and_the_bot_joins(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        opened = asyncio.create_task(client.wait_for("thread_create"))
        await asyncio.sleep(0)
        place = scene.mina.opens_thread(scene.channel, "우리끼리")
        thread = await opened
        assert thread.parent == client.get_channel(scene.channel.id)
        await thread.join()
        members = await thread.fetch_members()
        assert {member.id for member in members} == {scene.mina.user.id, scene.server.bot.id}
        await thread.leave()
        assert place.thread is not None
        assert list(place.thread.members) == [scene.mina.user.id]
        await thread.send("다시")
        assert scene.server.bot.id in place.thread.members


async def test_an_archived_thread_wakes_unless_it_is_locked(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        place = scene.mina.opens_thread(scene.channel, "우리끼리")
        thread = await client.fetch_channel(place.id)
        assert isinstance(thread, discord.Thread)
        sent = await thread.send("하나")
        scene.mina.archives(place)
        await refused(sent.edit(content="둘"), 400, 50083)
        parent = await client.fetch_channel(scene.channel.id)
        assert isinstance(parent, discord.TextChannel)
        assert [t.name async for t in parent.archived_threads()] == ["우리끼리"]
        await thread.send("깨어나")
        assert not place.archived
        scene.mina.archives(place, locked=True)
        await refused(thread.send("안 되네"), 400, 50083)


async def test_the_bot_archives_and_deletes_its_own_threads(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        channel = client.get_channel(scene.channel.id)
        assert isinstance(channel, discord.TextChannel)
        kind = discord.ChannelType.public_thread
        thread = await channel.create_thread(name="내 것", type=kind)
        await thread.edit(archived=True, name="끝난 것")
        place = scene.server.world.places[thread.id]
        assert (place.archived, place.name) == (True, "끝난 것")
        await refused(thread.delete(), 403, 50013)
        scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_threads",))
        await thread.delete()
        await refused(client.fetch_channel(thread.id), 404, 10003)
        await refused(channel.create_thread(name="", type=kind), 400, 50035, "name")


async def test_private_threads_need_an_invitation(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        channel = client.get_channel(scene.channel.id)
        assert isinstance(channel, discord.TextChannel)
        moderator, bot = scene.server.moderator, scene.server.bot
        moderator.sets(scene.channel, bot, deny=("create_private_threads",))
        await refused(channel.create_thread(name="비밀"), 403, 50013)
        moderator.sets(scene.channel, bot)
        thread = await channel.create_thread(name="비밀")
        assert thread.is_private()
        await thread.add_user(discord.Object(scene.mina.user.id))
        await thread.leave()
        await refused(thread.send("나갔는데"), 403, 50001)
