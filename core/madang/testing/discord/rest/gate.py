"""The gate: what every request passes before it reaches its handler."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BodyPartReader, web

from madang.testing.discord.faults import Fault, Faults
from madang.testing.discord.limits import VIA, Limited, Limits
from madang.testing.discord.refusals import Json, Refusal
from madang.testing.discord.requests import Request, Requests
from madang.testing.discord.rest.call import Call, Created, Route
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.world import World

BASE = "/api/v10"


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer; the content type has no charset, as discord.py insists."""
    if body is None:
        return web.Response(status=204, headers=headers)
    data = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=data, status=status, headers=headers, content_type="application/json")


class Gate:
    """Check token, rates and faults of requests, and turn refusals into answers."""

    def __init__(self, world: World, limits: Limits, faults: Faults, requests: Requests) -> None:
        self._world = world
        self._limits = limits
        self._faults = faults
        self._requests = requests

    def guard(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return what aiohttp calls for a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            body, files = await _read(request)
            path = request.path.removeprefix(BASE)
            fault = self._faults.take(request.method, path, body)
            response = await self._spoilt(fault, request)
            if response is None:
                call = Call(
                    world=self._world,
                    parts=request.match_info,
                    query=request.query,
                    body=body,
                    files=files,
                )
                response = await self._answer(route, request, call)
            if fault is not None and fault.kind == "lose":
                _cut(request)
            self._note(request.method, path, body, response)
            return response

        return handle

    async def _spoilt(self, fault: Fault | None, request: web.Request) -> web.Response | None:
        """Return what a fault answers in the place of the handler."""
        if fault is None or fault.kind == "lose":
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind == "limit":
            limited = Limited(fault.seconds, {"X-RateLimit-Scope": "shared"}, everywhere=False)
            return answer(limited.body, 429, limited.headers)
        if fault.kind == "drop":
            _cut(request)
            return web.Response(status=500)
        return web.Response(status=fault.status, text="upstream error", headers=VIA)

    async def _answer(self, route: Route, request: web.Request, call: Call) -> web.Response:
        if self._limits.banned:
            return web.Response(status=429, text="error code: 1015")
        if not route.open and request.headers.get("Authorization") != f"Bot {self._world.token}":
            return answer({"message": "401: Unauthorized", "code": 0}, 401)
        try:
            headers = self._take(route, call)
        except Limited as limited:
            return answer(limited.body, 429, limited.headers)
        try:
            done = await route.handler(call)
        except Refusal as refusal:
            return answer(refusal.body, refusal.status, headers)
        if isinstance(done, Created):
            return answer(done.body, 201, headers)
        return answer(done, headers=headers)

    def _take(self, route: Route, call: Call) -> dict[str, str]:
        if not route.open:
            self._limits.take_global()
        major = "+".join(call.parts[name] for name in route.major)
        headers = self._limits.take(f"{route.method} {route.path}", route.rate, major)
        return {**VIA, **headers}

    def _note(self, method: str, path: str, body: object, response: web.Response) -> None:
        shared = response.headers.get("X-RateLimit-Scope") == "shared"
        if response.status in (401, 403) or (response.status == 429 and not shared):
            self._limits.invalid += 1
        at = self._world.clock.now()
        self._requests.note(Request(method, path, body, response.status, at))


def _cut(request: web.Request) -> None:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()


async def _read(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """Return the decoded body and the uploads by their number."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    data = await request.read()
    if not data:
        return None, {}
    try:
        return json.loads(data), {}
    except ValueError:
        return None, {}


async def _read_multipart(request: web.Request) -> tuple[Json, dict[int, Upload]]:
    body: Json = {}
    files: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = json.loads(data)
        elif part.name.startswith("files["):
            number = int(part.name.removeprefix("files[").removesuffix("]"))
            files[number] = Upload(name=part.filename or "file", data=data)
    return body, files
