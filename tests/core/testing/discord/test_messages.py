"""Messages over REST: what is taken, what is refused, and how."""

import io

import discord
import pytest
from discord.http import Route
from tests.core.testing.discord.scene import Scene, refused

from madang.testing.discord import Upload


async def channel_of(client: discord.Client, scene: Scene) -> discord.TextChannel:
    found = await client.fetch_channel(scene.channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_message_is_sent_edited_fetched_and_deleted(
    client: discord.Client, scene: Scene
) -> None:
    channel = await channel_of(client, scene)
    sent = await channel.send("안녕")
    shown = scene.channel.shown()
    assert [message.content for message in shown] == ["안녕"]
    await sent.edit(content="안녕하세요")
    fetched = await channel.fetch_message(sent.id)
    assert fetched.content == "안녕하세요"
    assert fetched.edited_at is not None
    await sent.delete()
    assert scene.channel.shown() == []
    await refused(channel.fetch_message(sent.id), 404, 10008)
    await refused(sent.edit(content="늦음"), 404, 10008)


async def test_too_long_a_text_is_refused_with_the_error_tree(
    client: discord.Client, scene: Scene
) -> None:
    channel = await channel_of(client, scene)
    await channel.send("가" * 2000)
    error = await refused(channel.send("가" * 2001), 400, 50035, "content")
    assert "Must be 2000 or fewer in length." in error.text


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_an_empty_message_is_refused(client: discord.Client, scene: Scene, text: str) -> None:
    await refused(scene.send(client, content=text), 400, 50006)


async def test_an_edit_may_not_leave_nothing(client: discord.Client, scene: Scene) -> None:
    sent = await (await channel_of(client, scene)).send("안녕")
    await refused(sent.edit(content=None), 400, 50006)


async def test_the_same_nonce_posts_once(client: discord.Client, scene: Scene) -> None:
    channel = await channel_of(client, scene)
    first = await channel.send("안녕", nonce="turn-1")
    again = await channel.send("안녕", nonce="turn-1")
    assert first.id == again.id
    assert len(scene.channel.shown()) == 1
    scene.server.clock.advance(301)
    assert (await channel.send("안녕", nonce="turn-1")).id != first.id
    await refused(channel.send("안녕", nonce="n" * 26), 400, 50035, "nonce")


async def test_history_goes_before_after_and_around(client: discord.Client, scene: Scene) -> None:
    channel = await channel_of(client, scene)
    said = [scene.mina.says(scene.channel, str(number)) for number in range(8)]
    middle = discord.Object(said[4].id)

    async def read(**asked: object) -> list[str]:
        return [m.content async for m in channel.history(**asked)]  # type: ignore[arg-type]

    assert await read(limit=3) == ["7", "6", "5"]
    assert await read(limit=2, before=middle) == ["3", "2"]
    assert await read(limit=2, after=middle, oldest_first=True) == ["5", "6"]
    assert sorted(await read(limit=3, around=middle)) == ["3", "4", "5"]
    route = Route("GET", f"/channels/{channel.id}/messages")
    await refused(client.http.request(route, params={"limit": 101}), 400, 50035, "limit")


async def test_unknown_places_and_other_peoples_messages(
    client: discord.Client, scene: Scene
) -> None:
    await refused(client.fetch_channel(12345), 404, 10003)
    theirs = scene.mina.says(scene.channel, "내 것")
    channel = await channel_of(client, scene)
    await refused(channel.get_partial_message(theirs.id).edit(content="x"), 403, 50005)
    await refused(channel.get_partial_message(theirs.id).delete(), 403, 50013)
    route = Route("GET", "/channels/abc/messages")
    await refused(client.http.request(route), 400, 50035, "channel")


async def test_what_the_bot_may_not_do_is_refused(client: discord.Client, scene: Scene) -> None:
    moderator, bot, place = scene.server.moderator, scene.server.bot, scene.channel
    channel = await channel_of(client, scene)
    moderator.sets(place, bot, deny=("send_messages",))
    await refused(channel.send("안녕"), 403, 50013)
    moderator.sets(place, bot, deny=("attach_files",))
    await refused(channel.send(file=discord.File(__file__)), 403, 50013)
    moderator.sets(place, bot, deny=("read_message_history",))
    scene.mina.says(place, "안녕")
    assert [m async for m in channel.history()] == []
    moderator.sets(place, scene.guild.everyone, deny=("view_channel",))
    moderator.sets(place, bot)
    await refused(channel.send("안녕"), 403, 50001)
    assert scene.server.limits.invalid == 3


async def test_a_reply_pings_its_author_unless_told_not_to(
    client: discord.Client, scene: Scene
) -> None:
    question = scene.mina.says(scene.channel, "질문")
    channel = await channel_of(client, scene)
    asked = channel.get_partial_message(question.id)
    loud = await asked.reply("답")
    quiet = await asked.reply("답", mention_author=False)
    shown = scene.channel.messages
    assert shown[loud.id].pinged == ["미나"]
    assert shown[quiet.id].pinged == []
    assert shown[quiet.id].reply_to is question
    scene.mina.deletes(question)
    await refused(asked.reply("답"), 400, 50035, "message_reference")
    reference = discord.MessageReference(
        message_id=question.id, channel_id=channel.id, fail_if_not_exists=False
    )
    assert (await channel.send("답", reference=reference)).reference is None


async def test_allowed_mentions_decide_who_is_pinged(client: discord.Client, scene: Scene) -> None:
    channel, mina = await channel_of(client, scene), scene.mina.user
    role = scene.server.moderator.makes_role(scene.guild, "운영", mentionable=True)
    text = f"@everyone {mina.mention} {role.mention}"

    async def pinged(**options: object) -> list[str]:
        sent = await channel.send(text, **options)  # type: ignore[call-overload]
        return scene.channel.messages[sent.id].pinged

    assert await pinged() == ["미나", "@운영"]
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("mention_everyone",))
    assert await pinged() == ["미나", "@운영", "@everyone"]
    assert await pinged(allowed_mentions=discord.AllowedMentions.none()) == []
    only = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(mina.id)])
    assert await pinged(allowed_mentions=only) == ["미나"]
    both = {"parse": ["users"], "users": [str(mina.id)]}
    body = {"content": "x", "allowed_mentions": both}
    await refused(scene.send(client, **body), 400, 50035, "allowed_mentions")


async def test_files_go_up_and_come_down(client: discord.Client, scene: Scene) -> None:
    channel = await channel_of(client, scene)
    upload = Upload(name="메모.txt", data="가나다".encode())
    asked = scene.mina.says(scene.channel, "읽어 줘", files=[upload])
    got = (await channel.fetch_message(asked.id)).attachments[0]
    assert (got.filename, got.size) == ("메모.txt", 9)
    assert got.content_type == "text/plain; charset=utf-8"
    assert (await got.read()).decode() == "가나다"
    assert asked.attachments[0].downloads == 1
    sent = await channel.send(file=discord.File(__file__, "답.py", description="코드"))
    there = scene.channel.messages[sent.id]
    assert there.attachments[0].text.startswith('"""Messages over REST')
    assert there.attachments[0].description == "코드"
    await sent.edit(content="파일 없음", attachments=[])
    assert there.attachments == []
    scene.server.clock.advance(86_401)
    await refused(got.read(), 404, 0)


async def test_a_file_may_claim_to_be_larger_than_it_is(
    client: discord.Client, scene: Scene
) -> None:
    channel = await channel_of(client, scene)
    huge = Upload(name="큰.pdf", data=b"%PDF", size=200_000)
    asked = scene.mina.says(scene.channel, files=[huge])
    got = (await channel.fetch_message(asked.id)).attachments[0]
    assert got.size == 200_000
    assert len(await got.read()) == 200_000


async def test_too_large_and_too_many_files_are_refused(
    client: discord.Client, scene: Scene
) -> None:
    channel = await channel_of(client, scene)
    limit = scene.server.world.rules.attachment_size
    large = discord.File(io.BytesIO(bytes(limit + 1)), "a.bin")
    await refused(channel.send(file=large), 413, 40005)
    listed = [{"id": number, "filename": "a"} for number in range(2)]
    await refused(
        scene.send(client, content="x", attachments=listed), 400, 50035, "attachments.0.id"
    )


async def test_embeds_have_limits(client: discord.Client, scene: Scene) -> None:
    async def embed(**about: object) -> object:
        return await scene.send(client, embeds=[about])

    await embed(title="가" * 256, description="나" * 4096)
    await refused(embed(title="가" * 257), 400, 50035, "embeds.0.title")
    await refused(embed(description="가" * 4097), 400, 50035, "embeds.0.description")
    await refused(embed(fields=[{"name": "", "value": "x"}]), 400, 50035, "embeds.0.fields.0.name")
    long = {"description": "가" * 4000}
    scene.server.clock.advance(10)
    await refused(scene.send(client, embeds=[long, long]), 400, 50035, "embeds")
    await refused(scene.send(client, embeds=[{"title": "x"}] * 11), 400, 50035, "embeds")


async def test_reactions_and_typing_are_seen(client: discord.Client, scene: Scene) -> None:
    question = scene.mina.says(scene.channel, "질문")
    channel = await channel_of(client, scene)
    partial = channel.get_partial_message(question.id)
    await partial.add_reaction("👀")
    assert list(question.reactions) == ["👀"]
    fetched = await channel.fetch_message(question.id)
    assert [(str(r.emoji), r.me, r.count) for r in fetched.reactions] == [("👀", True, 1)]
    await partial.remove_reaction("👀", discord.Object(scene.server.bot.id))
    assert question.reactions == {}
    await refused(partial.add_reaction("eyes"), 404, 10014)
    await channel.typing()
    assert [version.what for version in scene.channel.transcript.versions][-1] == "typing"


async def test_many_messages_are_deleted_at_once(client: discord.Client, scene: Scene) -> None:
    channel = await channel_of(client, scene)
    said = [discord.Object(scene.mina.says(scene.channel, str(n)).id) for n in range(3)]
    await refused(channel.delete_messages(said), 403, 50013)
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_messages",))
    await channel.delete_messages(said)
    assert scene.channel.shown() == []
    path = f"/channels/{channel.id}/messages/bulk-delete"
    await refused(client.http.request(Route("POST", path), json={"messages": []}), 400, 50016)


async def test_direct_messages_may_be_closed(client: discord.Client, scene: Scene) -> None:
    user = await client.fetch_user(scene.mina.user.id)
    await user.send("안녕")
    assert [message.content for message in scene.mina.dm.shown()] == ["안녕"]
    scene.mina.user.dms_open = False
    await refused(user.send("또"), 403, 50007)


async def test_a_wrong_token_is_refused_and_counted(scene: Scene) -> None:
    async with discord.Client(intents=discord.Intents.none()) as client:
        with pytest.raises(discord.LoginFailure):
            await client.login("wrong")
    assert scene.server.limits.invalid == 1
