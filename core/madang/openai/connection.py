"""HTTP with one server: asking, asking again, and hanging up."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from madang.contract import Server
from madang.errors import MissingPackage
from madang.openai.address import base_url
from madang.openai.key import read_key
from madang.openai.problems import Problems, Refusal

if TYPE_CHECKING:
    import httpx2

BACKOFF_SECONDS = 0.5
LONGEST_ERROR = 65_536  # bytes that are read of one


class Connection:
    """Ask one server; a request is repeated only as long as nothing of its answer has come."""

    def __init__(self, name: str, server: Server, backoff: float = BACKOFF_SECONDS) -> None:
        key, self.base = read_key(name, server), base_url(name, server.url)
        self.problems = Problems(name, server, self.base, key)
        self._tries = server.retries + 1
        self._backoff = backoff
        self._http = _client(server, key)

    async def get(self, path: str) -> str:
        """Return a whole answer."""
        return "".join([text async for text in self._ask("GET", f"{self.base}/{path}", None)])

    async def events(self, path: str, body: object) -> AsyncGenerator[str, None]:
        """Stream the data of the events that answer `body`; closing it hangs up.

        `path` is below the base, or with a slash in front below the host.
        """
        root = self.base.removesuffix("/v1") if path.startswith("/") else f"{self.base}/"
        stream = self._ask("POST", f"{root}{path}", msgspec.json.encode(body))
        async with contextlib.aclosing(stream):
            async for data in stream:
                yield data

    async def close(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    async def _ask(self, method: str, url: str, body: bytes | None) -> AsyncGenerator[str, None]:
        import httpx2

        for attempt in range(1, self._tries + 1):
            begun = False
            try:
                async with self._http.stream(method, url, content=body) as response:
                    refusal = await self._refusal(response)
                    if refusal is None:
                        reading = self._read(response, streamed=body is not None)
                        async with contextlib.aclosing(reading):
                            async for text in reading:
                                begun = True
                                yield text
                        return
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                refusal = self.problems.of_transport(error, begun=begun)
            if begun or refusal.again is None or attempt == self._tries:
                raise refusal.error
            await asyncio.sleep(max(refusal.again, self._backoff * 2 ** (attempt - 1)))

    async def _refusal(self, response: "httpx2.Response") -> Refusal | None:
        if response.is_success:
            return None
        body = b""
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= LONGEST_ERROR:
                break
        text = body.decode("utf-8", "replace")
        return self.problems.of_status(response.status_code, response.headers, text)

    async def _read(
        self, response: "httpx2.Response", *, streamed: bool
    ) -> AsyncGenerator[str, None]:
        import httpx2

        if not streamed:
            yield (await response.aread()).decode("utf-8", "replace")
            return
        kind = response.headers.get("content-type", "nothing").partition(";")[0]
        if kind != "text/event-stream":
            raise self.problems.malformed(f"{kind} where a stream of events was asked for")
        events: AsyncIterator[httpx2.ServerSentEvent] = aiter(httpx2.EventSource(response))
        async for event in events:
            if event.data:
                yield event.data


def _client(server: Server, key: str) -> "httpx2.AsyncClient":
    try:
        import httpx2
    except ImportError as error:
        raise MissingPackage(
            f"the backend 'openai' needs the Python package '{error.name or error}'",
            "Install it with `pip install 'madang[openai]'`.",
        ) from error
    headers = {"content-type": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    return httpx2.AsyncClient(
        headers=headers,
        timeout=httpx2.Timeout(server.read_seconds, connect=server.connect_seconds, pool=None),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=server.slots),
    )
