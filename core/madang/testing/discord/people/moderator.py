"""Running a guild: inviting and removing the bot, roles, channels and what they allow."""

import secrets

from madang.testing.discord import permissions
from madang.testing.discord.permissions import bits
from madang.testing.discord.state import threads
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.places import Overwrite, Place
from madang.testing.discord.state.users import Role, User
from madang.testing.discord.state.webhooks import Webhook
from madang.testing.discord.state.world import World


class Moderator:
    """Do what those who run a guild do."""

    def __init__(self, world: World) -> None:
        self._world = world

    def invites_bot(self, guild: Guild, *allowed: str) -> None:
        """Add the bot, with a role of its own that allows what is named (discord.py's names)."""
        world = self._world
        role = Role(
            id=world.ids.make(), name=world.bot.name, permissions=bits(*allowed), bot=world.bot
        )
        guild.roles[role.id] = role
        world.join(guild, world.bot, role)
        seen = world.seen_by_bot(guild)
        world.tell(
            "GUILD_CREATE",
            lambda _: guild.create_payload(world.bot, seen, everybody=world.portal.members),
            guild=guild,
        )

    def kicks_bot(self, guild: Guild) -> None:
        """Remove the bot."""
        self._world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild=guild)
        del guild.members[self._world.bot.id]
        guild.roles = {key: role for key, role in guild.roles.items() if role.bot is None}

    def makes_channel(self, guild: Guild, name: str, *, topic: str | None = None) -> Place:
        """Create a text channel."""
        place = self._world.add_channel(guild, name, topic)
        self._world.tell("CHANNEL_CREATE", place.payload(self._world.bot), place=place)
        return place

    def makes_webhook(self, place: Place, name: str, owner: User) -> Webhook:
        """Create a webhook in a channel, as somebody does in its settings."""
        key, token = self._world.ids.make(), secrets.token_urlsafe(24)
        webhook = Webhook(id=key, token=token, place=place, name=name, owner=owner)
        self._world.webhooks[key] = webhook
        return webhook

    def removes_webhook(self, webhook: Webhook) -> None:
        """Delete a webhook; what it said stays."""
        del self._world.webhooks[webhook.id]

    def removes_channel(self, place: Place) -> None:
        """Delete a channel or a thread."""
        threads.remove(self._world, place)

    def makes_role(self, guild: Guild, name: str, *allowed: str, mentionable: bool = False) -> Role:
        """Create a role."""
        role = Role(
            id=self._world.ids.make(),
            name=name,
            permissions=bits(*allowed),
            mentionable=mentionable,
        )
        guild.roles[role.id] = role
        body = {"guild_id": str(guild.id), "role": role.payload()}
        self._world.tell("GUILD_ROLE_CREATE", body, guild=guild)
        return role

    def gives_role(self, guild: Guild, user: User, role: Role) -> None:
        """Give a role to a member."""
        member = guild.members[user.id]
        member.roles.append(role)
        body = {**member.payload(), "guild_id": str(guild.id)}
        self._world.tell("GUILD_MEMBER_UPDATE", body, guild=guild)

    def adds_member(self, guild: Guild, user: User) -> None:
        """Let a user in."""
        member = self._world.join(guild, user)
        body = {**member.payload(), "guild_id": str(guild.id)}
        self._world.tell("GUILD_MEMBER_ADD", body, guild=guild)

    def removes_member(self, guild: Guild, user: User) -> None:
        """Remove a user, or see one leave."""
        del guild.members[user.id]
        body = {"guild_id": str(guild.id), "user": user.payload()}
        self._world.tell("GUILD_MEMBER_REMOVE", body, guild=guild)

    def sets(
        self,
        place: Place,
        who: User | Role,
        *,
        allow: tuple[str, ...] = (),
        deny: tuple[str, ...] = (),
    ) -> None:
        """Allow and deny somebody things in one channel."""
        kind = 1 if isinstance(who, User) else 0
        sight = permissions.may(self._world.bot, place, "view_channel")
        place.overwrites[who.id] = Overwrite(type=kind, allow=bits(*allow), deny=bits(*deny))
        body = place.payload(self._world.bot)
        if sight and not permissions.may(self._world.bot, place, "view_channel"):
            self._world.tell("CHANNEL_DELETE", body, place=place)
        else:
            self._world.tell("CHANNEL_UPDATE", body, place=place)
