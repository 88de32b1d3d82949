"""The webhooks through which personas speak under names of their own: one for each channel."""

import asyncio
import logging
import re
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from discord.http import MultipartParameters, Route

from madang_discord.rest import Refusal, Rest

_log = logging.getLogger(__name__)

INCOMING = 1
NAME_CHARACTERS = 80
TAKEN = re.compile(r"discord|clyde", re.IGNORECASE)
"""What no name of a webhook may hold."""
REFUSED_SECONDS = 60.0
"""How long Discord is not asked again for a webhook that it refused."""
CHANNEL = "/channels/{channel_id}/webhooks"


@dataclass(frozen=True)
class Webhook:
    """Be a webhook of the bot's application; who has the token can speak through it."""

    id: int
    token: str = field(repr=False)


@dataclass(kw_only=True)
class Webhooks:
    """Find the webhook of each channel, and make the one that is missing; `name` is its own name.

    `application` is the id of the bot's application: others' webhooks are left alone.
    """

    rest: Rest
    application: int
    name: str
    _known: dict[int, Webhook] = field(default_factory=dict)
    _refused: dict[int, float] = field(default_factory=dict)
    _told: set[int] = field(default_factory=set)
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def of(self, channel: int, *, make: bool) -> Webhook | None:
        """Return the webhook of a channel; None where there is none and none can be made.

        Raises `TooFast` and `Hiccup`.
        """
        async with self._locks.setdefault(channel, asyncio.Lock()):
            now = asyncio.get_running_loop().time()
            if channel in self._known or self._refused.get(channel, now) > now:
                return self._known.get(channel)
            try:
                found = await self._found(channel) or (await self._made(channel) if make else None)
            except Refusal as refusal:
                self._refused[channel] = now + REFUSED_SECONDS
                self._tell(channel, refusal, wanted=make)
                return None
            if found is not None:
                self._known[channel] = found
            return found

    def forget(self, channel: int, webhook: Webhook) -> None:
        """Take in that a webhook is not there any more."""
        if self._known.get(channel) == webhook:
            del self._known[channel]

    async def _found(self, channel: int) -> Webhook | None:
        listed = await self.rest.call(Route("GET", CHANNEL, channel_id=channel))
        own = [
            Webhook(int(each["id"]), each["token"])
            for each in listed.data
            if each.get("application_id") == str(self.application)
            and each["type"] == INCOMING
            and each.get("token")
        ]
        # Two processes may have made one each; both take the older one from now on.
        return min(own, key=lambda each: each.id, default=None)

    async def _made(self, channel: int) -> Webhook:
        body = {"name": fitting(self.name) or "madang"}
        params = MultipartParameters(payload=body, multipart=None, files=None)
        made = await self.rest.call(Route("POST", CHANNEL, channel_id=channel), params)
        return Webhook(int(made.data["id"]), made.data["token"])

    def _tell(self, channel: int, refusal: Refusal, *, wanted: bool) -> None:
        """Log once for each channel that personas cannot speak as themselves there."""
        if not wanted or channel in self._told:
            return
        self._told.add(channel)
        _log.warning(
            "personas speak as the bot in channel %d: %s; to speak under their own names they need "
            "the permission Manage Webhooks there, and room for one more webhook",
            channel,
            refusal,
        )


def fitting(name: str) -> str:
    """Return a name as Discord takes it; empty when nothing of it is left."""
    return " ".join(TAKEN.sub(" ", name).split())[:NAME_CHARACTERS].strip()
