"""Mentions: whom a text names, and who is notified."""

import re
from dataclasses import dataclass, field

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import Role, User
from madang.testing.discord.state.world import World

USER, ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
EVERYTHING: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}


@dataclass(kw_only=True)
class Mentions:
    """Be whom a message mentions; `pinged` names who is notified."""

    users: list[User] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    everyone: bool = False
    pinged: list[str] = field(default_factory=list)


def mentions_of(
    world: World, message: Message, allowed: Json | None, *, trusted: bool = False
) -> Mentions:
    """Return what a message mentions under `allowed`.

    `trusted` is for webhooks, which need no permission to mention everyone.
    """
    allow = EVERYTHING if allowed is None else allowed
    place, text = message.place, message.text
    found = Mentions()
    for key in USER.findall(text):
        user = world.users.get(int(key))
        if user and user not in found.users and _allows(allow, "users", key):
            found.users.append(user)
    loud = trusted or permissions.may(message.author, place, "mention_everyone")
    for key in ROLE.findall(text):
        role = place.guild.roles.get(int(key)) if place.guild else None
        if role and role not in found.roles and _allows(allow, "roles", key):
            found.roles.append(role)
    found.everyone = bool(
        EVERYONE.search(text) and place.guild and loud and "everyone" in (allow.get("parse") or [])
    )
    target = message.reply_to if message.reply_to and not message.reply_to.webhook else None
    if target and allow.get("replied_user") and target.author not in found.users:
        found.users.append(target.author)
    found.pinged = _pinged(found, place, message.author, loud=loud)
    return found


def _allows(allowed: Json, kind: str, key: str) -> bool:
    listed = [str(one) for one in allowed.get(kind) or []]
    return kind in (allowed.get("parse") or []) or key in listed


def _pinged(found: Mentions, place: Place, author: User, *, loud: bool) -> list[str]:
    names = [user.name for user in found.users if user is not author and not user.bot]
    names += [f"@{role.name}" for role in found.roles if role.mentionable or loud]
    return names + (["@everyone"] if found.everyone else [])
