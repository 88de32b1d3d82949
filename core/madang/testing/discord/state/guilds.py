"""Guilds: the servers of the service."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.testing.discord.clock import timestamp
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.users import Member, Role, User

if TYPE_CHECKING:
    from madang.testing.discord.state.places import Place


@dataclass(eq=False, kw_only=True, repr=False)
class Guild:
    """Hold roles, members and places; `everyone` is the role whose id is the guild's."""

    id: int
    name: str
    owner: User
    everyone: Role
    locale: str = "ko"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    places: dict[int, "Place"] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Guild {self.name}>"

    def member(self, user: User) -> Member | None:
        """Return a user's membership."""
        return self.members.get(user.id)

    def name_of(self, user: User) -> str:
        """Return the name a user goes by here."""
        member = self.member(user)
        return member.shown_name if member else user.name

    def threads(self) -> list["Place"]:
        """List the threads that are not archived."""
        return [place for place in self.places.values() if place.thread and not place.archived]

    def payload(self) -> Json:
        """Return the guild object of the API."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": str(self.owner.id),
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.payload() for role in (self.everyone, *self.roles.values())],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "nsfw_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "incidents_data": None,
        }

    def create_payload(self, bot: User, seen: Iterable["Place"], *, everybody: bool) -> Json:
        """Return what GUILD_CREATE carries: with the bot alone, or with every member.

        For a guild that the bot was in before, the gateway adds `unavailable`, which is false.
        """
        places = list(seen)
        members = [m for m in self.members.values() if everybody or m.user is bot]
        mine = self.members[bot.id]
        return {
            **self.payload(),
            "joined_at": timestamp(mine.joined),
            "large": len(self.members) >= 250,
            "member_count": len(self.members),
            "members": [member.payload() for member in members],
            "channels": [place.payload(bot) for place in places if not place.thread],
            "threads": [place.payload(bot) for place in places if place.thread],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
