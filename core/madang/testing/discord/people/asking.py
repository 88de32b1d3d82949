"""Sending interactions to the bot, and waiting for what the person then sees."""

import asyncio
import secrets
from typing import Any

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.interactions import Asked, Interaction
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang.testing.discord.state.world import World

GUILD, BOT_DM = 0, 1


async def ask(
    world: World,
    person: User,
    place: Place,
    kind: Asked,
    data: Json,
    *,
    message: Message | None = None,
    cause: Interaction | None = None,
) -> Interaction:
    """Send an interaction and return it once the bot answered, or failed to in time."""
    interaction = Interaction(
        id=world.ids.make(),
        token=secrets.token_urlsafe(32),
        kind=kind,
        person=person,
        place=place,
        born=world.clock.now(),
        data=data,
        owners=owners(world, person, place),
        message=message,
        cause=cause,
    )
    world.interactions[interaction.token] = interaction
    world.tell(
        "INTERACTION_CREATE",
        payload(world, interaction),
        guild=place.guild,
        place=place if place.guild is None else None,
    )
    try:
        async with asyncio.timeout(world.rules.answer_within):
            while interaction.answer is None:
                await interaction.bell.next()
    except TimeoutError:
        interaction.failed = True
        if kind is not Asked.AUTOCOMPLETE:
            now = world.clock.now()
            place.transcript.unanswered(world.bot.name, person.name, now)
    return interaction


def owners(world: World, person: User, place: Place) -> dict[str, str]:
    """Return by whose installation the bot is asked: the guild's (0) or the person's (1)."""
    found: dict[str, str] = {}
    if place.guild is None:
        found["0"] = "0"
    elif world.bot.id in place.guild.members:
        found["0"] = str(place.guild.id)
    if person.id in world.installed_by:
        found["1"] = str(person.id)
    return found


def payload(world: World, interaction: Interaction) -> Json:
    """Return the interaction object of the API."""
    place, person = interaction.place, interaction.person
    data = {key: value for key, value in interaction.data.items() if key != "asked_type"}
    if not data.get("resolved"):
        data.pop("resolved", None)
    rights = str(permissions.of_user(person, place))
    body: Json = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": int(interaction.kind),
        "data": data,
        "token": interaction.token,
        "version": 1,
        "channel_id": str(place.id),
        "channel": {**place.payload(world.bot), "permissions": rights},
        "app_permissions": str(permissions.of_user(world.bot, place)),
        "locale": person.locale,
        "entitlements": [],
        "authorizing_integration_owners": interaction.owners,
        "context": BOT_DM if place.guild is None else GUILD,
        "attachment_size_limit": world.rules.attachment_size,
    }
    if interaction.message is not None:
        body["message"] = interaction.message.payload(world.bot)
    return {**body, **_who(person, place, rights)}


def _who(person: User, place: Place, rights: str) -> Json:
    guild = place.guild
    if guild is None:
        return {"user": person.payload()}
    member: dict[str, Any] = {**guild.members[person.id].payload(), "permissions": rights}
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": member,
    }
