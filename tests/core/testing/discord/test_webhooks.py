"""Channel webhooks: another name and avatar, and what they cannot do."""

import discord
from discord.http import Route
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


async def webhook_of(client: discord.Client, scene: Scene) -> discord.Webhook:
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_webhooks",))
    channel = await client.fetch_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.create_webhook(name=" 페르소나   하나 ")


def buttons() -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="다시", custom_id="again"))
    return view


async def test_names_and_pictures_of_messages(client: discord.Client, scene: Scene) -> None:
    webhook = await webhook_of(client, scene)
    assert webhook.name == "페르소나 하나"
    for name in ("Discord 도우미", "CLYDE", " "):
        await refused(webhook.send("x", username=name), 400, 50035, "username")
    await refused(webhook.send("x", avatar_url="owl.png"), 400, 50035, "avatar_url")
    assert scene.channel.shown() == []
    await webhook.send("기다리지 않음", username="  올빼미  ")
    assert [m.author.name for m in scene.channel.shown()] == ["올빼미"]


async def test_whose_message_it_is(client: discord.Client, scene: Scene) -> None:
    webhook = await webhook_of(client, scene)
    sent = await webhook.send("하나", wait=True)
    assert (sent.application_id, sent.webhook_id) == (scene.server.bot.id, webhook.id)
    by_bot = client.get_partial_messageable(scene.channel.id)
    await refused(by_bot.get_partial_message(sent.id).edit(content="둘"), 403, 50005)
    await refused(by_bot.get_partial_message(sent.id).delete(), 403, 50013)
    own = await by_bot.send("봇")
    await refused(webhook.edit_message(own.id, content="둘"), 404, 10008)
    await refused(webhook.delete_message(own.id), 404, 10008)
    other = scene.server.moderator.makes_webhook(scene.channel, "남", scene.mina.user)
    path = f"/webhooks/{other.id}/{other.token}/messages/{sent.id}"
    await refused(client.http.request(Route("DELETE", path)), 404, 10008)
    await refused(client.http.request(Route("GET", f"/webhooks/{webhook.id}/x")), 401, 50027)
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_messages",))
    await by_bot.get_partial_message(sent.id).delete()


async def test_only_webhooks_of_the_application_have_buttons(
    client: discord.Client, scene: Scene
) -> None:
    webhook = await webhook_of(client, scene)
    sent = await webhook.send("하나", view=buttons(), wait=True)
    pressed = scene.channel.messages[sent.id]
    assert pressed.buttons == ["다시"]
    await webhook.edit_message(sent.id, view=None)
    assert pressed.buttons == []
    other = scene.server.moderator.makes_webhook(scene.channel, "남", scene.mina.user)
    body = {"content": "둘", "components": buttons().to_components()}
    path = f"/webhooks/{other.id}/{other.token}"
    await client.http.request(Route("POST", path), json=body)
    last = scene.channel.shown()[-1]
    assert (last.content, last.buttons) == ("둘", [])
    assert "application_id" not in last.payload(scene.server.bot)
    route = Route("POST", f"{path}?with_components=true")
    await refused(client.http.request(route, json=body), 400, 50035, "components")


async def test_webhooks_belong_to_channels(client: discord.Client, scene: Scene) -> None:
    webhook = await webhook_of(client, scene)
    thread = scene.mina.opens_thread(scene.channel, "여기")
    other = scene.server.channel(scene.guild, "저기")
    away = scene.mina.opens_thread(other, "저기")
    await refused(webhook.send("x", thread=discord.Object(away.id)), 404, 10003)
    sent = await webhook.send("스레드", thread=discord.Object(thread.id), wait=True)
    await refused(webhook.edit_message(sent.id, content="둘"), 404, 10008)
    await webhook.edit_message(sent.id, content="둘", thread=discord.Object(thread.id))
    assert thread.messages[sent.id].content == "둘"
    scene.mina.archives(thread)
    inside = discord.Object(thread.id)
    await refused(webhook.edit_message(sent.id, content="셋", thread=inside), 400, 50083)
    await webhook.send("깨움", thread=inside)
    assert not thread.archived
    of_thread = Route("GET", f"/channels/{thread.id}/webhooks")
    await refused(client.http.request(of_thread), 400, 50024)
    scene.server.moderator.removes_channel(scene.channel)
    await refused(webhook.send("x"), 404, 10015)


async def test_a_channel_has_few_webhooks(client: discord.Client, scene: Scene) -> None:
    await webhook_of(client, scene)
    for number in range(14):
        scene.server.moderator.makes_webhook(scene.channel, str(number), scene.mina.user)
    await refused(webhook_of(client, scene), 400, 30007)
    channel = await client.fetch_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    listed = await channel.webhooks()
    assert [each.user and each.user.id for each in listed[:2]] == [
        scene.server.bot.id,
        scene.mina.user.id,
    ]
    scene.server.moderator.removes_webhook(next(iter(scene.server.world.webhooks.values())))
    await webhook_of(client, scene)
