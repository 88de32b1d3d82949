"""The gateway as discord.py meets it: sessions, intents, shards, and everything that breaks."""

import asyncio
import json

import discord
import pytest
from tests.core.testing.discord.scene import Listener, Scene

from madang.testing.discord import Portal, Rules, open_discord, running


async def heard(client: Listener, text: str, limit: float = 5.0) -> discord.Message:
    """Wait until a client heard a text."""

    def same(message: discord.Message) -> bool:
        return message.content == text

    for message in client.heard:
        if same(message):
            return message
    found: discord.Message = await asyncio.wait_for(client.wait_for("message", check=same), limit)
    return found


async def test_a_client_hears_and_answers(scene: Scene) -> None:
    async def echo(message: discord.Message) -> None:
        await message.reply(message.content[::-1])

    async with running(Listener(echo), scene.server) as client:
        assert [guild.name for guild in client.guilds] == ["마당"]
        assert client.guilds[0].me.guild_permissions.send_messages
        scene.mina.says(scene.channel, "가나다")
        answer = await scene.channel.finds(lambda message: message.content == "다나가")
        assert answer.author is scene.server.bot
        await heard(client, "다나가")


async def test_without_the_intent_only_what_is_meant_for_the_bot_is_read(scene: Scene) -> None:
    async with running(Listener(content=False), scene.server) as client:
        question = scene.mina.says(scene.channel, "비밀")
        scene.mina.says(scene.channel, "@마당이 공개", reply_to=question)
        scene.mina.says(scene.mina.dm, "디엠")
        await heard(client, "디엠")
        secret, public, direct = client.heard
        assert (secret.content, secret.author.name) == ("", "미나")
        assert public.clean_content == "@마당이 공개"
        assert public.reference is not None
        assert isinstance(public.reference.resolved, discord.Message)
        assert public.reference.resolved.content == ""
        assert direct.guild is None


async def test_the_portal_decides_what_rest_reads(scene: Scene) -> None:
    async with open_discord(portal=Portal(message_content=False)) as server:
        other = Scene(server)
        async with running(Listener(content=False), server) as client:
            asked = other.mina.says(other.channel, "비밀")
            channel = await client.fetch_channel(other.channel.id)
            assert isinstance(channel, discord.TextChannel)
            assert (await channel.fetch_message(asked.id)).content == ""
            assert client.application_flags.gateway_message_content_limited is False
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running(Listener(), server):
                pass


async def test_edits_deletions_and_reactions_are_told(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        said = scene.mina.says(scene.channel, "처음")
        await heard(client, "처음")
        edited = asyncio.create_task(client.wait_for("message_edit"))
        reacted = asyncio.create_task(client.wait_for("raw_reaction_add"))
        deleted = asyncio.create_task(client.wait_for("raw_message_delete"))
        await asyncio.sleep(0)
        scene.mina.edits(said, "나중")
        scene.mina.reacts(said, "👍")
        scene.mina.deletes(said)
        _, after = await edited
        assert (after.content, after.author.name) == ("나중", "미나")
        member = (await reacted).member
        assert member is not None
        assert member.name == "미나"
        assert (await deleted).message_id == said.id


@pytest.mark.parametrize("cut", [False, True])
async def test_a_dropped_connection_resumes_and_misses_nothing(scene: Scene, cut: bool) -> None:
    gateway = scene.server.gateway
    async with running(Listener(), scene.server) as client:
        gateway.drop(cut=cut)
        scene.mina.says(scene.channel, "놓쳤나")
        await heard(client, "놓쳤나")
        await gateway.began(resumed=1)
        assert gateway.identified == 1
        scene.mina.says(scene.channel, "이어서")
        await heard(client, "이어서")


async def test_a_session_that_ended_is_begun_anew_and_missed_messages_are_gone(
    scene: Scene,
) -> None:
    gateway = scene.server.gateway
    async with running(Listener(), scene.server) as client:
        gateway.drop(resumable=False)
        scene.mina.says(scene.channel, "못 들은 말")
        await gateway.began(identified=2)
        scene.mina.says(scene.channel, "들은 말")
        await heard(client, "들은 말")
        assert [message.content for message in client.heard] == ["들은 말"]
        assert gateway.resumed == 0


async def test_reconnect_and_invalid_session(scene: Scene) -> None:
    gateway = scene.server.gateway
    async with running(Listener(), scene.server) as client:
        gateway.ask_to_reconnect()
        await gateway.began(resumed=1)
        gateway.invalidate(resumable=True)
        await gateway.began(resumed=2)
        gateway.invalidate()
        await gateway.began(identified=2)
        scene.mina.says(scene.channel, "안녕")
        await heard(client, "안녕")


async def test_an_outage_of_the_gateway(scene: Scene) -> None:
    gateway = scene.server.gateway
    async with running(Listener(), scene.server) as client:
        gateway.reachable = False
        gateway.drop()
        await gateway.bell.until(
            lambda: gateway.turned_away, limit=5, tell=lambda: "nobody was turned away"
        )
        scene.mina.says(scene.channel, "아직 있나")
        gateway.reachable = True
        await heard(client, "아직 있나")


async def test_a_malformed_payload_ends_the_client(scene: Scene) -> None:
    with pytest.raises(json.JSONDecodeError):
        async with running(Listener(), scene.server) as client:
            scene.server.gateway.garble()
            await asyncio.sleep(0)
            scene.mina.says(scene.channel, "들리나")
            with pytest.raises(TimeoutError):
                await heard(client, "들리나", limit=0.1)


async def test_heartbeats_without_an_answer_make_the_client_resume() -> None:
    async with open_discord(Rules(heartbeat_every=0.05)) as server:
        server.guild()
        async with running(Listener(heartbeat_timeout=0.2), server):
            await server.gateway.bell.until(
                lambda: server.gateway.beats > 2, limit=5, tell=lambda: str(server.gateway.beats)
            )
            server.gateway.stop_acknowledging()
            await server.gateway.began(resumed=1)


async def test_shards_hear_only_their_guilds(scene: Scene) -> None:
    server = scene.server
    guilds = [scene.guild, *(server.guild(f"마당 {number}") for number in range(3))]

    class Sharded(discord.AutoShardedClient):
        heard: list[tuple[int, int]]

        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            pass

        async def on_message(self, message: discord.Message) -> None:
            assert message.guild is not None
            self.heard.append((message.guild.id, message.guild.shard_id))

    intents = discord.Intents.default()
    client = Sharded(intents=intents, shard_count=2, guild_ready_timeout=0.05)
    client.heard = []
    async with running(client, server, shards=2):
        assert len(client.guilds) == 4
        for guild in guilds:
            place = server.channel(guild, "말")
            server.person("보라", guild).says(place, "안녕")
        while len(client.heard) < 4:
            await client.wait_for("message", timeout=5)
        assert {shard for _, shard in client.heard} == {0, 1}
        assert all(key >> 22 & 1 == shard for key, shard in client.heard)


async def test_the_bot_is_invited_and_kicked(scene: Scene) -> None:
    async with running(Listener(), scene.server) as client:
        joined = asyncio.create_task(client.wait_for("guild_join"))
        left = asyncio.create_task(client.wait_for("guild_remove"))
        await asyncio.sleep(0)
        other = scene.server.guild("새 마당")
        assert (await joined).name == "새 마당"
        scene.server.moderator.kicks_bot(other)
        assert (await left).name == "새 마당"
        place = scene.server.channel(other)
        with pytest.raises(discord.Forbidden):
            await client.fetch_channel(place.id)
        with pytest.raises(discord.NotFound):
            await client.fetch_guild(other.id)


async def test_channels_roles_and_presence_are_told(scene: Scene) -> None:
    moderator = scene.server.moderator
    async with running(Listener(), scene.server) as client:
        made = asyncio.create_task(client.wait_for("guild_channel_create"))
        gone = asyncio.create_task(client.wait_for("guild_channel_delete"))
        role = asyncio.create_task(client.wait_for("guild_role_create"))
        await asyncio.sleep(0)
        place = moderator.makes_channel(scene.guild, "새 방")
        moderator.removes_channel(place)
        moderator.makes_role(scene.guild, "운영", "manage_guild")
        assert (await made).name == (await gone).name == "새 방"
        assert (await role).permissions.manage_guild
        await client.change_presence(activity=discord.Game("마당"))
        gateway = scene.server.gateway
        await gateway.bell.until(
            lambda: any((s.presence or {}).get("activities") for s in gateway.sessions.values()),
            limit=5,
            tell=lambda: "no presence",
        )


async def test_members_are_fetched_and_asked_for(scene: Scene) -> None:
    async with open_discord(portal=Portal(members=True)) as server:
        other = Scene(server)
        intents = discord.Intents.default()
        intents.members = True
        client = discord.Client(intents=intents, guild_ready_timeout=0.05)
        async with running(client, server):
            guild = client.guilds[0]
            assert {member.name for member in guild.members} == {"미나", "마당이", "주인"}
            found = await guild.query_members("미")
            assert [member.name for member in found] == ["미나"]
            assert (await guild.fetch_member(other.mina.user.id)).name == "미나"
            assert len([member async for member in guild.fetch_members()]) == 3
            came = asyncio.create_task(client.wait_for("member_join"))
            went = asyncio.create_task(client.wait_for("raw_member_remove"))
            await asyncio.sleep(0)
            boram = server.person("보람", other.guild)
            assert (await came).name == "보람"
            server.moderator.removes_member(other.guild, boram.user)
            assert (await went).user.name == "보람"
