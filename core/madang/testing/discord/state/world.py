"""The whole of it: who and what is there, and who is told when something changes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from madang.testing.discord import permissions
from madang.testing.discord.clock import Clock, Snowflakes
from madang.testing.discord.refusals import Json, unknown
from madang.testing.discord.rules import Rules
from madang.testing.discord.state.attachments import Attachment
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.places import Kind, Place
from madang.testing.discord.state.users import Member, Role, User
from madang.testing.discord.state.webhooks import Webhook


@dataclass(frozen=True, kw_only=True)
class Event:
    """Tell the bot something; `make` gets whether message content may be read."""

    name: str
    make: Callable[[bool], Json]
    guild: Guild | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Portal:
    """Hold what the developer portal says of the bot: which privileged intents it has.

    Everybody can invite one that is `public`; people can install one with `user_install` for
    themselves.
    """

    message_content: bool = True
    members: bool = False
    presences: bool = False
    public: bool = True
    user_install: bool = True

    def flags(self) -> int:
        """Return the application flags that tell of the intents (the limited variants)."""
        wanted = ((self.presences, 13), (self.members, 15), (self.message_content, 19))
        return sum(1 << bit for given, bit in wanted if given)


class World:
    """Hold the state; whoever changes it says so with `tell`."""

    def __init__(self, rules: Rules, portal: Portal, bot_name: str) -> None:
        self.rules = rules
        self.portal = portal
        self.clock = Clock()
        self.ids = Snowflakes(self.clock)
        self.bot = User(id=self.ids.make(), name=bot_name, bot=True)
        self.owner = User(id=self.ids.make(), name="주인")
        self.token = f"stand-in.{secrets.token_urlsafe(16)}"
        self.cdn_url = ""
        self.gateway_url = ""
        self.sessions_opened = 0
        self.users: dict[int, User] = {u.id: u for u in (self.bot, self.owner)}
        self.guilds: dict[int, Guild] = {}
        self.places: dict[int, Place] = {}
        self.attachments: dict[int, Attachment] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.interactions: dict[str, Interaction] = {}
        self.installed_by: set[int] = set()
        self.commands: dict[int, Json] = {}
        self.created_commands: dict[int, list[float]] = {}
        self.nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self.listeners: list[Callable[[Event], None]] = []

    def tell(
        self,
        name: str,
        data: Json | Callable[[bool], Json],
        *,
        guild: Guild | None = None,
        place: Place | None = None,
    ) -> None:
        """Announce an event of a guild or a place."""
        make = data if callable(data) else lambda readable: data
        guild = place.guild if place else guild
        for listener in self.listeners:
            listener(Event(name=name, make=make, guild=guild, place=place))

    def add_user(self, name: str, *, locale: str = "ko") -> User:
        """Create a user."""
        user = User(id=self.ids.make(), name=name, locale=locale)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, locale: str) -> Guild:
        """Create a guild, owned by the bot's owner, without the bot."""
        key = self._guild_id()
        everyone = Role(id=key, name="@everyone", permissions=permissions.EVERYDAY, position=0)
        guild = Guild(id=key, name=name, owner=self.owner, everyone=everyone, locale=locale)
        self.guilds[key] = guild
        self.join(guild, self.owner)
        return guild

    def _guild_id(self) -> int:
        """Return an id that lets guilds take turns on 2, 3, 4, 6 or 12 shards."""
        while ((key := self.ids.make()) >> 22) % 12 != len(self.guilds) % 12:
            pass
        return key

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        """Make a user a member."""
        member = Member(user=user, guild=guild, joined=self.clock.now(), roles=list(roles))
        guild.members[user.id] = member
        return member

    def add_channel(self, guild: Guild, name: str, topic: str | None = None) -> Place:
        """Create a text channel."""
        place = Place(id=self.ids.make(), kind=Kind.TEXT, name=name, guild=guild, topic=topic)
        self.keep(place)
        return place

    def keep(self, place: Place) -> None:
        """Enter a place in the registers."""
        self.places[place.id] = place
        if place.guild is not None:
            place.guild.places[place.id] = place

    def dm(self, user: User) -> Place:
        """Return the direct messages of a user and the bot."""
        for place in self.places.values():
            if place.kind is Kind.DM and user in place.recipients:
                return place
        recipients = [user, self.bot]
        place = Place(id=self.ids.make(), kind=Kind.DM, name=user.name, recipients=recipients)
        self.keep(place)
        return place

    def seen_by_bot(self, guild: Guild) -> list[Place]:
        """List the places of a guild that the bot sees, archived threads left out."""
        return [
            place
            for place in guild.places.values()
            if not place.archived and permissions.may(self.bot, place, "view_channel")
        ]

    def place(self, key: int) -> Place:
        """Return a place or refuse with 10003."""
        if key not in self.places:
            raise unknown(10003)
        return self.places[key]

    def guild(self, key: int) -> Guild:
        """Return a guild that the bot is in, or refuse with 10004."""
        guild = self.guilds.get(key)
        if guild is None or self.bot.id not in guild.members:
            raise unknown(10004)
        return guild
