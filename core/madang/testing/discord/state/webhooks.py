"""Webhooks of channels: messages under another name and avatar."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.testing.discord.refusals import Json
from madang.testing.discord.state.users import User

if TYPE_CHECKING:
    from madang.testing.discord.state.places import Place


@dataclass(eq=False, kw_only=True)
class Webhook:
    """Let anybody with the token speak in a place."""

    id: int
    token: str
    place: "Place"
    name: str
    owner: User
    avatar: str | None = None

    def face(self, name: str | None = None, avatar_url: str | None = None) -> User:
        """Return the author that a message of this webhook shows."""
        return User(id=self.id, name=name or self.name, avatar=avatar_url or self.avatar, bot=True)

    def payload(self, application: User | None = None) -> Json:
        """Return the webhook object of the API."""
        guild = self.place.guild
        return {
            "id": str(self.id),
            "type": 1,
            "guild_id": str(guild.id) if guild else None,
            "channel_id": str(self.place.id),
            "user": self.owner.payload(),
            "name": self.name,
            "avatar": self.avatar,
            "token": self.token,
            "application_id": str(application.id) if application else None,
        }
