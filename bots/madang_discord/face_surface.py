"""The messages of one answer where a persona speaks as itself, by a webhook of the channel."""

import logging
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from discord.http import MultipartParameters, Route

from madang.delivery import Budget, Missing, utf16
from madang_discord.content import Content, Heading, change, utterance
from madang_discord.faces import Face
from madang_discord.places import Spot
from madang_discord.rest import Answer, Refusal, Rest
from madang_discord.surface import UNKNOWN_MESSAGE, ChannelSurface
from madang_discord.webhooks import Webhook, Webhooks
from madang_discord.wording import LIMIT

_log = logging.getLogger(__name__)

UNKNOWN_WEBHOOK = 10015
NOT_ITS_AUTHOR = 50005
MOST_LOOKED_AT = 50
ATTEMPTS = 2
"""A webhook that is gone is made anew once."""


class FaceSurface(ChannelSurface):
    """Write the messages of one answer as the bot, or as the persona itself.

    Only who wrote a message can change it. So an answer goes on as it began, whatever was switched
    on or off meanwhile, and a message that neither can change is written anew. `taken` holds the
    messages of all answers that are being written. What is `resumed` may have been sent already.
    """

    def __init__(
        self,
        rest: Rest,
        budget: Budget,
        spot: Spot,
        webhooks: Webhooks,
        face: Face,
        *,
        name: str,
        heading: Heading,
        before: Sequence[str] = (),
        resumed: bool = False,
        taken: Container[str] = (),
    ) -> None:
        super().__init__(rest, budget, spot.channel, name=name, heading=heading, before=before)
        self._home = (spot.parent or spot.channel) if spot.guild else 0
        self._thread = f"thread_id={spot.channel}" if spot.parent else ""
        self._webhooks = webhooks
        self._face = face
        self._faced = face.on and bool(self._home)
        self._taken = taken
        self._resumed = resumed
        self._own: set[str] = set()
        self._last = heading.message
        self._tried: set[str] = set()

    async def send(self, content: Content, number: int) -> str:
        """Send part `number`; what is not sent as the persona is sent as the bot."""
        sent = await self._spoken(content, number) if self._faced else None
        if sent is None:
            self._faced = False
            message = await super().send(content, number)
            self._last = max(self._last, int(message))
            return message
        message = str(sent["id"])
        self._own.add(message)
        self._last = max(self._last, int(message))
        if str(sent["content"]).strip() != _headed(content).text.strip():
            await self.edit(message, content)
        return message

    async def edit(self, message: str, content: Content) -> None:
        """Change a message, by whom it was written."""
        self._last = max(self._last, int(message))
        if self._faced and await self._changed(message, content):
            self._before.discard(message)
            return
        try:
            await super().edit(message, content)
        except Refusal as refusal:
            if refusal.code != NOT_ITS_AUTHOR:
                raise
            if self._faced or not await self._changed(message, content):
                raise Missing("nobody can change it any more") from refusal
            self._faced = True
        else:
            self._faced = False

    async def delete(self, message: str) -> None:
        """Delete a message, by whom it was written; a moderator may delete them all."""
        if self._faced and await self._by_webhook("DELETE", message):
            return
        try:
            await super().delete(message)
        except Refusal as refusal:
            over = self._faced or not refusal.forbidden
            if over or not await self._by_webhook("DELETE", message):
                raise

    async def _spoken(self, content: Content, number: int) -> dict[str, Any] | None:
        """Let the webhook say it; None where it cannot."""
        for _ in range(ATTEMPTS):
            webhook = await self._patiently(self._webhooks.of(self._home, make=True))
            if webhook is None:
                return None
            try:
                return await self._speak(webhook, content, number)
            except Refusal as refusal:
                if refusal.code != UNKNOWN_WEBHOOK:
                    _log.info("%s speaks as the bot: %s", self._face.name, refusal)
                    return None
                self._webhooks.forget(self._home, webhook)
        return None

    async def _speak(self, webhook: Webhook, content: Content, number: int) -> dict[str, Any]:
        sent = await self._lost(webhook, content, number) if self._tried or self._resumed else None
        if sent is None:
            whole = _headed(content)
            self._tried.add(whole.text.strip())
            asker = self._heading.asker if number == 0 else 0
            params = utterance(whole, asker, self._face.name, self._face.picture)
            sent = dict((await self._call(self._through(webhook, "POST"), params)).data)
        self._tried.clear()
        return sent

    async def _lost(self, webhook: Webhook, content: Content, number: int) -> dict[str, Any] | None:
        """Look for a message that was sent without our hearing of it; webhooks know no nonce."""
        if not self._last:
            return None
        path = "/channels/{channel_id}/messages?limit={limit}&after={after}"
        where: dict[str, Any] = {"channel_id": self._channel, "after": self._last}
        try:
            found = await self._call(Route("GET", path, limit=MOST_LOOKED_AT, **where))
        except Refusal:
            return None
        for each in found.data:
            by_us = each.get("webhook_id") == str(webhook.id) and each["id"] not in self._taken
            if by_us and self._is(each["content"].strip(), content, number):
                return dict(each)
        return None

    def _is(self, said: str, content: Content, number: int) -> bool:
        """Say whether this is the part: what it says may have grown since."""
        if number == 0 and content.above:
            return said.startswith(content.above)
        return bool(said) and (said in self._tried or content.text.startswith(said))

    async def _changed(self, message: str, content: Content) -> bool:
        """Change it by the webhook; False where that is not its author.

        Raises `Missing` where it was written under another name, which cannot be changed.
        """
        params = change(_headed(content), self._heading.asker)
        answer = await self._by_webhook("PATCH", message, params)
        if answer is None:
            return False
        name = answer.data.get("author", {}).get("username", "")
        wanted = self._face.name if self._face.on and message not in self._own else ""
        if wanted and name != wanted:
            raise Missing(f"{name} wrote it, not {self._face.name}")
        return True

    async def _by_webhook(
        self, method: str, message: str, params: MultipartParameters | None = None
    ) -> Answer | None:
        if not self._home:
            return None
        webhook = await self._patiently(self._webhooks.of(self._home, make=False))
        if webhook is None:
            return None
        try:
            return await self._call(self._through(webhook, method, message), params)
        except Refusal as refusal:
            if refusal.code == UNKNOWN_WEBHOOK:
                self._webhooks.forget(self._home, webhook)
            elif refusal.code not in (UNKNOWN_MESSAGE, NOT_ITS_AUTHOR):
                raise
            return None

    def _through(self, webhook: Webhook, method: str, message: str = "") -> Route:
        path = "/webhooks/{webhook_id}/{webhook_token}"
        path += f"/messages/{message}" if message else ""
        query = "&".join(filter(None, ["" if message else "wait=true", self._thread]))
        where: dict[str, Any] = {"webhook_id": webhook.id, "webhook_token": webhook.token}
        return Route(method, f"{path}?{query}" if query else path, **where)


def _headed(content: Content) -> Content:
    """Return it with the line above in its text, where there is room."""
    text = f"{content.above}\n{content.text}" if content.above else content.text
    return replace(content, text=text) if utf16(text) <= LIMIT else content
