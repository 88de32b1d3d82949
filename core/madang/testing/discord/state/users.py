"""Users, roles and members."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.testing.discord.clock import timestamp
from madang.testing.discord.refusals import Json

if TYPE_CHECKING:
    from madang.testing.discord.state.guilds import Guild


@dataclass(eq=False, kw_only=True, repr=False)
class User:
    """Be somebody: a person, a bot, or the face of a webhook."""

    id: int
    name: str
    bot: bool = False
    locale: str = "ko"
    dms_open: bool = True
    avatar: str | None = None

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<User {self.name}>"

    @property
    def mention(self) -> str:
        """Return the text that mentions the user."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """Return the user object of the API."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None if self.bot else self.name,
            "avatar": self.avatar,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False, kw_only=True, repr=False)
class Role:
    """Give permissions to those who have it."""

    id: int
    name: str
    permissions: int = 0
    position: int = 1
    mentionable: bool = False
    bot: User | None = None

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Role {self.name}>"

    @property
    def mention(self) -> str:
        """Return the text that mentions the role."""
        return f"<@&{self.id}>"

    def payload(self) -> Json:
        """Return the role object of the API."""
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        body: Json = {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": colours,
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.bot is not None,
            "mentionable": self.mentionable,
            "flags": 0,
        }
        if self.bot is not None:
            body["tags"] = {"bot_id": str(self.bot.id)}
        return body


@dataclass(eq=False, kw_only=True, repr=False)
class Member:
    """Be a user in a guild."""

    user: User
    guild: "Guild"
    joined: float
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Member {self.shown_name} of {self.guild.name}>"

    @property
    def shown_name(self) -> str:
        """Return the name that others see here."""
        return self.nick or self.user.name

    def payload(self, *, user: bool = True) -> Json:
        """Return the member object of the API, with or without the user in it."""
        body: Json = {
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "roles": [str(role.id) for role in self.roles],
            "joined_at": timestamp(self.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
        return {**body, "user": self.user.payload()} if user else body
