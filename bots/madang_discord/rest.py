"""The calls that write messages, over a connection of their own.

discord.py sleeps inside of a call when it is too fast, first come, first served, and closes its
connection when its gateway fails. An answer on its way must not wait behind stale previews and
must outlive the gateway: so these few calls are made here, and limits are told, not slept off.
"""

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord
from discord import __version__ as version
from discord.http import MultipartParameters, Route

from madang.delivery import Budget, Gone, TooFast

T = TypeVar("T")

LOST = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a call of discord.py's raises that is refused, or whose connection is lost."""
ATTEMPTS = 3
CUT_SECONDS = 1.0
"""How long to wait before a call of discord.py's is made again after its connection was cut."""
CALL_SECONDS = 20.0
EVERYWHERE = ((42, 1.0), (9, 0.2))
"""How many calls the bot makes over all channels: Discord allows 50 in a second, and what is sent
at once arrives in bunches."""
BANNED_SECONDS = 60.0
"""How long to wait after a 429 that no part of Discord itself sent."""


class Refusal(Gone):
    """Say that Discord will not do this however often it is asked; `code` is Discord's own."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{status} ({code}): {message}")
        self.status = status
        self.code = code

    @property
    def forbidden(self) -> bool:
        """Say that a permission is missing."""
        return self.status == 403


class Hiccup(Exception):
    """Say that the same call may succeed a little later."""


@dataclass(frozen=True)
class Answer:
    """Hold what Discord answered, and what it says of the rate of such calls."""

    data: Any
    remaining: int | None = None
    reset_after: float = 0.0


async def again(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call of discord.py's a few times, until it is answered or refused.

    By itself discord.py repeats neither what was cut nor every error of the server. Raises what is
    in `LOST`.
    """
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(aiohttp.ClientError, OSError, discord.DiscordServerError):
            return await _open(call)
        await asyncio.sleep(CUT_SECONDS)
    return await _open(call)


async def _open(call: Callable[[], Awaitable[T]]) -> T:
    try:
        return await call()
    except RuntimeError as error:
        # So aiohttp says that the client of this call was closed meanwhile.
        if "closed" not in str(error):
            raise
        raise aiohttp.ClientConnectionError(str(error)) from error


class Rest:
    """Make single calls; raises `TooFast`, `Hiccup`, or `Refusal`."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session = session
        self._headers = {
            "Authorization": f"Bot {token}",
            "User-Agent": f"DiscordBot (https://github.com/Rapptz/discord.py {version}) madang",
        }
        self._everywhere = Budget(*EVERYWHERE)

    async def call(self, route: Route, params: MultipartParameters | None = None) -> Answer:
        """Make one call."""
        now = asyncio.get_running_loop().time()
        if (delay := self._everywhere.delay(now, preview=False)) > 0:
            raise TooFast(delay)
        self._everywhere.spend(now, preview=False)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                async with self._session.request(
                    route.method, route.url, headers=self._headers, **_body(params)
                ) as response:
                    return self._read(response, await response.text("utf-8"))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Hiccup(f"{route.method} {route.path}: {error or type(error).__name__}") from error

    async def room(self) -> None:
        """Wait until a call that discord.py makes has room beside these, and count it."""
        await self._free(math.inf)
        self._everywhere.spend(asyncio.get_running_loop().time(), preview=True)

    async def spare(self, route: Route, *, seconds: float) -> Answer:
        """Make a call that may be left out; `TooFast` where for so long there is no room."""
        await self._free(seconds)
        return await self.call(route)

    async def _free(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        # Only time passes: there is nothing else to wait for.
        while (delay := self._everywhere.delay(loop.time(), preview=True)) > 0:
            if loop.time() + delay > until:
                raise TooFast(delay)
            await asyncio.sleep(delay)

    def _read(self, response: aiohttp.ClientResponse, text: str) -> Answer:
        data = _decoded(text)
        if response.status == 429:
            raise self._too_fast(_reason(data))
        if response.status >= 500:
            raise Hiccup(f"{response.method}: status {response.status}")
        if response.status >= 400:
            why = _reason(data)
            raise Refusal(response.status, int(why.get("code", 0)), str(why.get("message", "")))
        headers = response.headers
        remaining = headers.get("X-RateLimit-Remaining")
        return Answer(
            data,
            None if remaining is None else int(remaining),
            float(headers.get("X-RateLimit-Reset-After", 0.0)),
        )

    def _too_fast(self, data: dict[str, Any]) -> TooFast:
        seconds = float(data.get("retry_after", BANNED_SECONDS))
        if data.get("global") or "retry_after" not in data:
            self._everywhere.pause(asyncio.get_running_loop().time(), seconds)
        return TooFast(seconds)


def _body(params: MultipartParameters | None) -> dict[str, Any]:
    if params is None:
        return {}
    if not params.multipart:
        return {"json": params.payload}
    form = aiohttp.FormData(quote_fields=False)
    for field in params.multipart:
        form.add_field(**field)
    return {"data": form}


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}


def _reason(data: Any) -> dict[str, Any]:
    """Return what a refused call was answered, empty where no part of Discord itself did."""
    return data if isinstance(data, dict) else {}
