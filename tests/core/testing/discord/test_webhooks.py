"""Channel webhooks: another name and avatar, and what they cannot do."""

import discord
from tests.core.testing.discord.scene import Scene, refused


async def test_a_webhook_speaks_under_any_name(client: discord.Client, scene: Scene) -> None:
    channel = await client.fetch_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await refused(channel.create_webhook(name="페르소나"), 403, 50013)
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_webhooks",))
    webhook = await channel.create_webhook(name="페르소나")
    assert [one.name for one in await channel.webhooks()] == ["페르소나"]
    sent = await webhook.send(
        "안녕 @everyone",
        username="할머니",
        avatar_url="https://example.com/a.png",
        wait=True,
        allowed_mentions=discord.AllowedMentions.none(),
    )
    shown = scene.channel.messages[sent.id]
    assert (shown.author.name, shown.pinged) == ("할머니", [])
    await sent.edit(content="안녕하세요")
    assert shown.content == "안녕하세요"
    assert (await webhook.fetch_message(sent.id)).content == "안녕하세요"
    await sent.delete()
    assert scene.channel.shown() == []
    await refused(webhook.fetch_message(sent.id), 404, 10008)


async def test_rules_of_webhooks(client: discord.Client, scene: Scene) -> None:
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_webhooks",))
    channel = await client.fetch_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await refused(channel.create_webhook(name="discord 봇"), 400, 50035, "name")
    webhook = await channel.create_webhook(name="페르소나")
    await refused(webhook.send("가" * 2001), 400, 50035, "content")
    await refused(webhook.send("x", username="가" * 81), 400, 50035, "username")
    thread = scene.mina.opens_thread(scene.channel, "여기")
    await webhook.send("스레드", thread=discord.Object(thread.id))
    assert thread.shown()[-1].content == "스레드"
    await webhook.delete()
    await refused(webhook.send("없다"), 404, 10015)
