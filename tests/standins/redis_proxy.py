"""A way to a Redis server on which commands and replies get lost, late or changed."""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

Fate = Literal["pass", "refuse", "lose", "stall"]
"""What becomes of a command: `refuse` cuts the connection before the server sees it, `lose` after
the server has answered, and `stall` keeps the answer until the client gives up."""

Judge = Callable[[list[bytes]], Fate]
SCRIPTS = (b"EVALSHA", b"EVAL", b"FCALL")


class Proxy:
    """Stand between clients and a server on loopback; `judge` decides over every command.

    `replace` is done to all replies, and `tls` is what clients are to speak.
    """

    def __init__(
        self,
        server: int,
        *,
        judge: Judge | None = None,
        replace: tuple[bytes, bytes] = (b"", b""),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.judge: Judge = judge or (lambda words: "pass")
        self.port = 0
        self._server = server
        self._replace = replace
        self._tls = tls
        self._parted = False
        self._owed: Fate = "pass"
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listen until the end of the block."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for talk in list(self._talks):
                talk.cancel()
            if self._talks:
                await asyncio.wait(self._talks)

    def part(self) -> None:
        """Cut every connection, and every new one at its first command, until `join`."""
        self._parted = True
        for talk in self._talks:
            talk.cancel()

    def join(self) -> None:
        """Let commands through again."""
        self._parted = False

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fates: deque[Fate] = deque()
        with contextlib.closing(writer), contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._server)
            both = [
                asyncio.create_task(self._send(reader, back, fates)),
                asyncio.create_task(self._answer(there, writer, fates)),
            ]
            with contextlib.closing(back):
                try:
                    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for each in both:
                        each.cancel()
                    await asyncio.wait(both)

    async def _send(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, fates: deque[Fate]
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                raw = await _value(reader)
                fate = self._fate(_words(raw))
                if fate == "refuse":
                    return
                fates.append(fate)
                server.write(raw)
                await server.drain()

    def _fate(self, words: list[bytes]) -> Fate:
        if self._parted:
            return "refuse"
        # A script that the server did not know by its digest meets its fate as a whole.
        if self._owed != "pass" and words[0] in SCRIPTS:
            fate, self._owed = self._owed, "pass"
            return fate
        return self.judge(words)

    async def _answer(
        self, server: asyncio.StreamReader, writer: asyncio.StreamWriter, fates: deque[Fate]
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                raw = await _value(server)
                fate = fates.popleft()
                if fate != "pass" and raw.startswith(b"-NOSCRIPT"):
                    self._owed = fate
                elif fate == "lose":
                    return
                elif fate == "stall":
                    await asyncio.Event().wait()
                writer.write(raw.replace(*self._replace) if self._replace[0] else raw)
                await writer.drain()


class Once:
    """Let one fate befall the next script after `arm`, and nothing else."""

    def __init__(self, fate: Fate) -> None:
        self.met = asyncio.Event()
        self.fate = fate
        self._armed = False

    def arm(self) -> None:
        """Lie in wait."""
        self._armed = True

    def __call__(self, words: list[bytes]) -> Fate:
        """Judge a command."""
        if not self._armed or words[0] not in SCRIPTS:
            return "pass"
        self._armed = False
        self.met.set()
        return self.fate


async def _value(reader: asyncio.StreamReader) -> bytes:
    """Read one value of the protocol (RESP2) as it is."""
    raw = await reader.readuntil(b"\r\n")
    kind, count = raw[:1], raw[1:-2]
    if kind == b"$" and int(count) >= 0:
        raw += await reader.readexactly(int(count) + 2)
    elif kind == b"*":
        parts = [await _value(reader) for _ in range(int(count))]
        raw += b"".join(parts)
    return raw


def _words(raw: bytes) -> list[bytes]:
    """Take a command apart into its first two words."""
    parts = raw.split(b"\r\n", 6)
    return parts[2:6:2]
