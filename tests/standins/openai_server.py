"""A stand-in for a server with the API of OpenAI on loopback, which fails as it is told to.

It is strict: a request that no such server takes, or one more than there are replies, is answered
with 500 and remembered in `strange`.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ENDPOINTS = {"/v1/completions": "prompt", "/v1/chat/completions": "messages"}
LOADS = "/load_model"  # of `transformers serve`
LIST = {"data": [{"id": "served", "max_model_len": 512}, {"id": "poet"}]}
SSE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Answer one request: `parts` are sent one after the other, an event among them waited for.

    A `cut` reply breaks off after its last part, a `silent` one before its first byte.
    """

    status: int = 200
    kind: str = SSE
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str | bytes | asyncio.Event, ...] = ()
    cut: bool = False
    silent: bool = False


@dataclass(frozen=True)
class Asked:
    """Hold one request as it came."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(kw_only=True)
class StandIn:
    """Give the replies in turn; /v1/models has its own, `listing`, which stays."""

    replies: list[Reply] = field(default_factory=list)
    listing: Reply = field(default_factory=lambda: json_reply(LIST))
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the one request of a connection."""
        with contextlib.suppress(ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (h.partition(": ") for h in rest)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            await self._reply(self._choose(line, headers, body), reader, writer)
        writer.close()

    def _choose(self, line: str, headers: Mapping[str, str], body: bytes) -> Reply:
        method, path, _ = line.split(" ")
        if (method, path) == ("GET", "/v1/models"):
            self.asked.append(Asked(path, headers, {}))
            return self.listing
        asked = Asked(path, headers, json.loads(body or b"{}"))
        self.asked.append(asked)
        if path == LOADS:
            sound = set(asked.body) == {"model"}
        else:
            sound = ENDPOINTS.get(path) in asked.body and asked.body.get("stream") is True
        if method == "POST" and sound and self.replies:
            return self.replies.pop(0)
        self.strange.append(line)
        return json_reply({"error": "strange"}, status=500)

    async def _reply(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if reply.silent:
            return
        said = {"Content-Type": reply.kind, "Transfer-Encoding": "chunked", **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} Said", *(f"{k}: {v}" for k, v in said.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        for part in reply.parts:
            if isinstance(part, asyncio.Event):
                await self._wait(part, reader)
            else:
                data = part.encode() if isinstance(part, str) else part
                writer.write(b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
        if not reply.cut:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    async def _wait(self, event: asyncio.Event, reader: asyncio.StreamReader) -> None:
        """Wait for an event, or for the client to hang up."""
        self.waiting.set()
        gone, told = asyncio.create_task(reader.read()), asyncio.create_task(event.wait())
        try:
            await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                self.hung_up.set()
        finally:
            for task in (gone, told):
                task.cancel()
            await asyncio.wait({gone, told})


@contextlib.asynccontextmanager
async def serving(standin: StandIn) -> AsyncIterator[StandIn]:
    """Serve on a free port of loopback."""
    server = await asyncio.start_server(standin.serve, "127.0.0.1", 0)
    standin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield standin
    finally:
        server.close()
        await server.wait_closed()


def event(value: object) -> str:
    """Write one event of a stream."""
    return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n"


def said(text: str, reason: str | None = None, **more: object) -> str:
    """Write an event that adds text to a completion."""
    choice = {"index": 0, "text": text, "finish_reason": reason}
    return event({"object": "text_completion", "choices": [choice], **more})


def used(prompt: int, output: int, cached: int) -> str:
    """Write the event that tells the tokens."""
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return event({"choices": [], "usage": usage})


DONE = event("[DONE]")


def answer(*texts: str, reason: str = "stop") -> Reply:
    """Reply with a whole answer in so many pieces."""
    return Reply(parts=(*map(said, texts), said("", reason), used(7, 3, 2), DONE))


def json_reply(value: object, *, status: int = 200, **headers: str) -> Reply:
    """Reply with JSON."""
    return Reply(
        status=status, kind="application/json", headers=headers, parts=(json.dumps(value),)
    )
