"""Serving the gateway: a task that writes, and a loop that reads, for each connection."""

import asyncio

from aiohttp import WSMsgType, web

from madang.testing.discord.gateway.connection import Connection
from madang.testing.discord.gateway.hub import Hub
from madang.testing.discord.gateway.socket import Socket
from madang.testing.discord.state.world import World

SOCKETS = web.AppKey("sockets", set[Connection])


def serve_gateway(app: web.Application, world: World, hub: Hub) -> None:
    """Add the gateway to an application."""

    async def connect(request: web.Request) -> web.StreamResponse:
        if not hub.reachable:
            hub.turned_away += 1
            hub.bell.ring()
            return web.Response(status=503)
        response = web.WebSocketResponse(max_msg_size=0)
        await response.prepare(request)
        compress = request.query.get("compress") == "zlib-stream"
        connection = Connection(response, request.transport, compress=compress)
        socket = Socket(world, hub, connection)
        writing = asyncio.create_task(connection.write())
        app[SOCKETS].add(connection)
        try:
            socket.hello()
            async for message in response:
                code = socket.take(message.data) if message.type is WSMsgType.TEXT else 4002
                if code is not None:
                    connection.close(code)
        finally:
            socket.gone()
            writing.cancel()
            app[SOCKETS].discard(connection)
        return response

    app[SOCKETS] = set()
    app.router.add_get("/gateway/", connect)
