"""Webhooks of channels: messages under another name and avatar."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.testing.discord.refusals import Json
from madang.testing.discord.state.users import User

if TYPE_CHECKING:
    from madang.testing.discord.state.places import Place


@dataclass(eq=False, kw_only=True)
class Webhook:
    """Let anybody with the token speak in a place.

    `application` is the bot of the application that created it, None where a person did.
    """

    id: int
    token: str
    place: "Place"
    name: str
    owner: User
    application: User | None = None
    avatar: str | None = None

    def face(self, name: str | None = None, avatar_url: str | None = None) -> User:
        """Return the author that a message of this webhook shows."""
        return User(id=self.id, name=name or self.name, avatar=avatar_url or self.avatar, bot=True)

    def payload(self, viewer: User | None = None) -> Json:
        """Return the webhook object of the API for a bot, or for whoever knows the token.

        The token of an application's webhook is told to that application alone.
        """
        guild, application = self.place.guild, self.application
        body: Json = {
            "id": str(self.id),
            "type": 1,
            "guild_id": str(guild.id) if guild else None,
            "channel_id": str(self.place.id),
            "name": self.name,
            "avatar": self.avatar,
            "application_id": str(application.id) if application else None,
        }
        if viewer is not None:
            body["user"] = self.owner.payload()
        if viewer is None or application in (None, viewer):
            body["token"] = self.token
        return body
