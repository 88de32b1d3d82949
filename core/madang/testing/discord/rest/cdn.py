"""The CDN: files of messages by signed links that expire."""

from aiohttp import web

from madang.testing.discord.state.world import World

GONE = "This content is no longer available."
CHUNK = b"\0" * 65_536


def serve_files(app: web.Application, world: World) -> None:
    """Add the CDN to an application."""

    async def download(request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        found = world.attachments.get(int(key)) if key.isdigit() else None
        if found is None or request.query.get("hm") != found.signature:
            return web.Response(status=404, text=GONE)
        if found.expires < world.clock.now():
            return web.Response(status=404, text=GONE)
        found.downloads += 1
        headers = {"Content-Type": found.content_type or "application/octet-stream"}
        if found.size == len(found.data):
            return web.Response(body=found.data, headers=headers)
        return await _pad(request, found.data, found.size, headers)

    app.router.add_get("/attachments/{place}/{key}/{name}", download)


async def _pad(
    request: web.Request, data: bytes, size: int, headers: dict[str, str]
) -> web.StreamResponse:
    """Send a file that claims to be larger than what a test gave for it."""
    response = web.StreamResponse(headers=headers)
    response.content_length = size
    await response.prepare(request)
    await response.write(data)
    left = size - len(data)
    while left > 0:
        await response.write(CHUNK[:left])
        left -= len(CHUNK)
    return response
