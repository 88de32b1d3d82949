"""Delivery of updates to a webhook, in order, again and again until it takes them."""

import asyncio
import contextlib
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from madang.testing.telegram.updates import Webhook
from madang.testing.telegram.wire import Json
from madang.testing.telegram.world import World

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
PATIENCE = 10.0


class Delivery:
    """Send updates to the webhook, if there is one.

    `proxies` maps the host of a webhook's HTTPS URL to the plain URL of the bot behind it, as a
    reverse proxy that ends TLS does.
    """

    def __init__(self, world: World, proxies: Mapping[str, str]) -> None:
        self._world = world
        self._proxies = proxies

    async def run(self) -> None:
        """Deliver until cancelled."""
        pause = FIRST_PAUSE
        async with aiohttp.ClientSession() as session:
            while True:
                hook = self._world.updates.webhook
                row = self._world.updates.row
                if hook is None or not row:
                    await self._world.changes.next()
                    continue
                update = row[0]
                problem = await self._send(session, hook, update)
                if not problem:
                    _forget(row, update)
                    self._world.changes.tell()
                    pause = FIRST_PAUSE
                    continue
                hook.last_error, hook.last_error_at = problem, self._world.clock.now()
                self._world.changes.tell()
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _send(self, session: aiohttp.ClientSession, hook: Webhook, update: Json) -> str:
        secret = {"X-Telegram-Bot-Api-Secret-Token": hook.secret_token}
        headers = secret if hook.secret_token else {}
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            url = self._behind(hook.url)
            async with session.post(url, json=update, headers=headers, timeout=limit) as answer:
                good = 200 <= answer.status < 300
                return "" if good else f"Wrong response from the webhook: {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as failure:
            return f"Connection failed: {type(failure).__name__}"

    def _behind(self, url: str) -> str:
        parts = urlsplit(url)
        plain = self._proxies.get(parts.hostname or "")
        if plain is None:
            return url
        base = urlsplit(plain)
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))


def _forget(row: list[Json], update: Json) -> None:
    with contextlib.suppress(ValueError):
        row.remove(update)
