"""Where what answers an interaction is written: by its token, where nothing else reaches it."""

from typing import TYPE_CHECKING, Any

from discord.http import Route

from madang.delivery import Budget, Gone, Lane
from madang_discord import lanes
from madang_discord.content import Content, Heading, change
from madang_discord.kept import Kept
from madang_discord.rest import Rest
from madang_discord.surface import ChannelSurface

if TYPE_CHECKING:
    from madang_discord.talk import Talk


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


def way_to(talk: "Talk", kept: Kept, name: str = "") -> tuple[Lane, ChannelSurface]:
    """Return the lane and the surface of what was kept; a token has limits of its own."""
    if kept.token:
        lane = Lane(Budget(spacing=lanes.PREVIEW_SECONDS))
        return lane, TokenSurface(talk.rest, lane.budget, kept, name=name)
    lane, heading = talk.lanes.of(kept.channel), Heading(asker=kept.asker)
    return lane, ChannelSurface(talk.rest, lane.budget, kept.channel, name=name, heading=heading)
