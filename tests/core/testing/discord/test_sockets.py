"""The gateway's rules, met by a client that breaks them."""

import json
import zlib
from typing import Any

import aiohttp
import pytest
from tests.core.testing.discord.scene import Scene

from madang.testing.discord import Rate, Rules, open_discord

Json = dict[str, Any]


async def closing_code(scene: Scene, *sent: object) -> int | None:
    """Send payloads after the hello, and return the code that the gateway closes with."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(scene.server.world.gateway_url) as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        for payload in sent:
            await socket.send_str(payload if isinstance(payload, str) else json.dumps(payload))
        async for _ in socket:
            pass
        return socket.close_code


def identify(scene: Scene, **about: Any) -> Json:
    return {"op": 2, "d": {"token": scene.server.token, "intents": 1, **about}}


async def test_closing_codes(scene: Scene) -> None:
    good = identify(scene)
    assert await closing_code(scene, "{") == 4002
    assert await closing_code(scene, {"op": 3, "d": {}}) == 4003
    assert await closing_code(scene, identify(scene, token="wrong")) == 4004
    assert await closing_code(scene, good, good) == 4005
    assert await closing_code(scene, identify(scene, shard=[2, 2])) == 4010
    assert await closing_code(scene, identify(scene, intents=1 << 40)) == 4013
    assert await closing_code(scene, identify(scene, intents=1 << 1)) == 4014
    assert await closing_code(scene, good, {"op": 77}) == 4001
    resume = {"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}
    assert await closing_code(scene, resume) == 4004


async def test_too_many_payloads_close_the_socket() -> None:
    async with open_discord(Rules(gateway_rate=Rate(3, 60.0))) as server:
        assert await closing_code(Scene(server), *[{"op": 1, "d": None}] * 4) == 4008


@pytest.mark.parametrize("compress", [False, True])
async def test_payloads_are_numbered_and_compressed_as_one_stream(
    scene: Scene, compress: bool
) -> None:
    query = "?v=10&encoding=json" + ("&compress=zlib-stream" if compress else "")
    inflate = zlib.decompressobj()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(scene.server.world.gateway_url + query) as socket,
    ):

        async def receive() -> Json:
            data = (await socket.receive()).data
            assert isinstance(data, bytes) is compress
            if compress:
                assert data.endswith(b"\x00\x00\xff\xff")
            found: Json = json.loads(inflate.decompress(data) if compress else data)
            return found

        assert (await receive())["d"]["heartbeat_interval"] == 41_250
        await socket.send_json(identify(scene, intents=1 << 9 | 1))
        ready, created = await receive(), await receive()
        assert [(p["t"], p["s"]) for p in (ready, created)] == [("READY", 1), ("GUILD_CREATE", 2)]
        assert ready["d"]["guilds"] == [{"id": str(scene.guild.id), "unavailable": True}]
        scene.mina.says(scene.channel, "비밀")
        told = await receive()
        assert (told["t"], told["s"], told["d"]["content"]) == ("MESSAGE_CREATE", 3, "")
        assert told["d"]["member"]["roles"] == []
        assert "webhook_id" not in told["d"]
        scene.mina.says(scene.mina.dm, "듣지 않는 곳")
        await socket.send_json({"op": 1, "d": 3})
        assert (await receive())["op"] == 11
