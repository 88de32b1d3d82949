"""Guilds over REST, the application, and the CDN's links."""

import aiohttp
import discord
from tests.core.testing.discord.scene import Listener, Scene, refused

from madang.testing.discord import Upload, running


async def test_the_application_and_the_bot(client: discord.Client, scene: Scene) -> None:
    info = await client.application_info()
    assert (info.id, info.owner.name) == (scene.server.bot.id, "주인")
    assert info.flags.gateway_message_content_limited
    assert not info.flags.gateway_guild_members_limited
    shards, url, limits = await client.http.get_bot_gateway()
    assert (shards, limits["remaining"]) == (1, 1000)
    assert url == scene.server.world.gateway_url
    assert [guild.name async for guild in client.fetch_guilds()] == ["마당"]


async def test_what_the_bot_reads_of_a_guild(client: discord.Client, scene: Scene) -> None:
    guild = await client.fetch_guild(scene.guild.id)
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "마당이"]
    assert [channel.name for channel in await guild.fetch_channels()] == ["잡담"]
    assert (await guild.fetch_member(scene.mina.user.id)).name == "미나"
    await refused(guild.fetch_member(1), 404, 10007)
    await refused(client.fetch_user(1), 404, 10013)
    thread = scene.mina.opens_thread(scene.channel, "여기")
    assert [one.id for one in await guild.active_threads()] == [thread.id]
    listed = client.http.get_members(guild.id, 10, None)
    await refused(listed, 403, 50001)


async def test_what_the_bot_changes_in_a_guild(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        guild = client.guilds[0]
        await guild.me.edit(nick="할머니")
        assert scene.guild.name_of(scene.server.bot) == "할머니"
        await refused(guild.create_text_channel("새 방"), 403, 50013)
        channel = guild.text_channels[0]
        await refused(channel.edit(topic="주제"), 403, 50013)
        await refused(channel.delete(), 403, 50013)
        moderator, bot = scene.server.moderator, scene.server.bot
        role = moderator.makes_role(scene.guild, "힘", "manage_channels")
        moderator.gives_role(scene.guild, bot, role)
        made = await guild.create_text_channel("새 방")
        await made.edit(topic="주제", name="헌 방")
        assert scene.server.world.places[made.id].topic == "주제"
        await made.delete()
        await refused(client.fetch_channel(made.id), 404, 10003)
        await guild.leave()
        assert bot.id not in scene.guild.members


async def test_links_are_signed(scene: Scene) -> None:
    said = scene.mina.says(scene.channel, files=[Upload(name="a.md", data=b"# a")])
    (file,) = said.attachments
    assert file.content_type == "text/markdown; charset=utf-8"
    async with aiohttp.ClientSession() as session:
        async with session.get(file.url) as response:
            assert (response.status, await response.text()) == (200, "# a")
        async with session.get(file.url.partition("?")[0]) as response:
            assert response.status == 404
        async with session.get(file.url.replace(str(file.id), "1")) as response:
            assert response.status == 404


async def test_roles_and_overwrites_decide_together(scene: Scene) -> None:
    server, place = scene.server, scene.channel
    role = server.moderator.makes_role(scene.guild, "말하는 이", "send_messages")
    server.moderator.gives_role(scene.guild, server.bot, role)
    server.moderator.sets(place, scene.guild.everyone, deny=("send_messages",))
    async with running(Listener(), server) as client:
        channel = client.get_channel(place.id)
        assert isinstance(channel, discord.TextChannel)
        await refused(channel.send("안녕"), 403, 50013)
        server.moderator.sets(place, role, allow=("send_messages",))
        await channel.send("안녕")
        server.moderator.sets(place, server.bot, deny=("send_messages",))
        await refused(channel.send("안녕"), 403, 50013)
        admin = server.moderator.makes_role(scene.guild, "관리자", "administrator")
        server.moderator.gives_role(scene.guild, server.bot, admin)
        await channel.send("다시")
