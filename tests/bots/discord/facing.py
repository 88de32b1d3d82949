"""What tests of personas with faces of their own start from, and how they recognise them."""

from typing import Any

from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import Bot

from madang.testing.discord.checks.messages import Draft
from madang.testing.discord.state import posting
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place as Channel
from madang.testing.discord.state.webhooks import Webhook
from madang_discord.places import guild_place

PARROT, OWL = "앵무새", "올빼미"


def allow(scene: Scene) -> None:
    """Let the bot manage the webhooks of the channel."""
    scene.server.moderator.sets(scene.channel, scene.server.bot, allow=("manage_webhooks",))


async def switch(bot: Bot, scene: Scene, *, on: bool = True) -> None:
    await bot.yard.conversations.options.set(guild_place(scene.guild.id), "faces", on)


def above(question: Message) -> str:
    """Return the line that says what an answer answers."""
    place = question.place
    link = f"https://discord.com/channels/{place.guild.id if place.guild else 0}/{place.id}"
    return f"-# ↪ {question.author.mention} · [질문]({link}/{question.id})"


async def spoken(channel: Channel, name: str, text: str, **more: Any) -> Message:
    """Wait for what somebody with a face of their own says."""
    return await channel.finds(
        lambda m: m.webhook and m.author.name == name and m.content.endswith(f"\n{text}"), **more
    )


def faces(channel: Channel) -> list[str]:
    return [message.author.name for message in channel.shown() if message.webhook]


def webhooks(scene: Scene) -> list[Webhook]:
    return list(scene.server.world.webhooks.values())


def says(scene: Scene, webhook: Webhook, text: str) -> Message:
    """Let a webhook speak without the bot."""
    world, draft = scene.server.world, Draft(content=text)
    face = webhook.face(OWL)
    return posting.show(world, posting.draw_up(world, scene.channel, face, draft, webhook=webhook))


async def persona_of(bot: Bot, scene: Scene, message: Message) -> str:
    place = guild_place(scene.guild.id)
    found = await bot.yard.conversations.messages.find(place, str(message.id))
    return found.turn.persona if found else ""
