"""Messages of one answer where the bot reaches them only by an interaction."""

from typing import Any

from discord.http import Route

from madang.delivery import Budget, Gone
from madang_discord.content import Content, Heading, change
from madang_discord.kept import Kept
from madang_discord.rest import Rest
from madang_discord.surface import ChannelSurface


class TokenSurface(ChannelSurface):
    """Write an answer by the token of an interaction; when its time is over, nobody can."""

    def __init__(self, rest: Rest, budget: Budget, kept: Kept, *, name: str) -> None:
        heading = Heading(asker=kept.asker)
        super().__init__(rest, budget, kept.channel, name=name, heading=heading)
        self._kept = kept

    async def send(self, content: Content, number: int) -> str:
        """Send a further part."""
        route = self._route_to("POST", "/webhooks/{webhook_id}/{webhook_token}")
        sent = await self._call(route, change(content, self._kept.asker))
        return str(sent.data["id"])

    def _route(self, method: str, message: str) -> Route:
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
        return self._route_to(method, path, message_id=int(message))

    def _route_to(self, method: str, path: str, **parts: Any) -> Route:
        if self._kept.seconds <= 0:
            raise Gone("Discord takes no more by this interaction")
        key, token = self._kept.application, self._kept.token
        return Route(method, path, webhook_id=key, webhook_token=token, **parts)
