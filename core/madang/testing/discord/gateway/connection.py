"""One socket: payloads go out in order, compressed as a stream when asked."""

import asyncio
import contextlib
import json
import zlib

from aiohttp import WSCloseCode, web

from madang.testing.discord.refusals import Json


class Connection:
    """Write to one client without making anybody wait."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.BaseTransport | None,
        *,
        compress: bool,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._stream = zlib.compressobj() if compress else None
        self._out: asyncio.Queue[str | int] = asyncio.Queue()

    def send(self, payload: Json) -> None:
        """Write a payload after those before it."""
        self._out.put_nowait(json.dumps(payload, ensure_ascii=False))

    def send_raw(self, text: str) -> None:
        """Write a text that may be no JSON at all."""
        self._out.put_nowait(text)

    def close(self, code: int) -> None:
        """Close after what is still to be written."""
        self._out.put_nowait(code)

    def cut(self) -> None:
        """End the connection at once, without a closing frame."""
        if isinstance(self._transport, asyncio.Transport):
            self._transport.abort()

    async def write(self) -> None:
        """Write until the connection ends."""
        with contextlib.suppress(ConnectionError):
            while True:
                item = await self._out.get()
                if isinstance(item, int):
                    await self._socket.close(code=item, message=b"", drain=False)
                    return
                await self._write(item)

    async def _write(self, text: str) -> None:
        if self._stream is None:
            await self._socket.send_str(text)
            return
        data = self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)
        await self._socket.send_bytes(data)

    async def leave(self) -> None:
        """Close because the stand-in stops."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY, drain=False)
