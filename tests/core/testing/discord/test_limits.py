"""Rate limits and faults, as discord.py meets them."""

import asyncio
import time

import aiohttp
import discord
import pytest
from discord.http import Route
from tests.core.testing.discord.scene import Scene, refused

from madang.testing.discord import Rate, Rules, open_discord

ONE = "/channels/*/messages/*"
ALL = "/channels/*/messages"


async def logged_in(scene: Scene) -> tuple[discord.Client, discord.PartialMessageable]:
    client = discord.Client(intents=discord.Intents.none())
    await client.login(scene.server.token)
    return client, client.get_partial_messageable(scene.channel.id)


async def test_discord_py_keeps_to_the_headers() -> None:
    async with open_discord(Rules().rated("message.create", 5, 0.3)) as server:
        scene = Scene(server)
        client, channel = await logged_in(scene)
        async with client:
            begun = time.perf_counter()
            await asyncio.gather(*(channel.send(str(number)) for number in range(11)))
            assert time.perf_counter() - begun > 0.5
        assert server.limits.refused == 0
        assert len(scene.channel.shown()) == 11


async def test_a_client_that_ignores_headers_gets_429_and_is_counted(scene: Scene) -> None:
    server = scene.server
    url = f"{server.url}/api/v10/channels/{scene.channel.id}/messages"
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for left in (4, 3, 2, 1, 0):
            async with session.post(url, json={"content": "x"}) as response:
                assert response.headers["Content-Type"] == "application/json"
                assert response.headers["X-RateLimit-Limit"] == "5"
                assert response.headers["X-RateLimit-Remaining"] == str(left)
                assert float(response.headers["X-RateLimit-Reset-After"]) <= 0.25
        async with session.post(url, json={"content": "x"}) as response:
            body = await response.json()
            assert response.status == 429
            assert response.headers["Via"]
            assert response.headers["X-RateLimit-Scope"] == "user"
            assert 0 < body["retry_after"] <= 0.25
            assert body["global"] is False
    assert (server.limits.refused, server.limits.invalid) == (1, 1)


async def test_the_global_rate_holds_all_routes() -> None:
    rules = Rules(global_rate=Rate(5, 0.2))
    async with open_discord(rules) as server:
        scene = Scene(server)
        client, _ = await logged_in(scene)
        async with client:
            routes = [Route("GET", f"/guilds/{scene.guild.id}/{x}") for x in ("roles", "channels")]
            await asyncio.gather(*(client.http.request(route) for route in routes * 4))
        assert server.limits.refused > 0


async def test_too_many_invalid_requests_end_the_conversation() -> None:
    async with open_discord(Rules(invalid_requests=2)) as server:
        scene = Scene(server)
        client, channel = await logged_in(scene)
        async with client:
            server.moderator.sets(scene.channel, server.bot, deny=("send_messages",))
            for _ in range(2):
                await refused(channel.send("x"), 403, 50013)
            await refused(channel.send("x"), 429, 0)


async def test_the_final_edit_meets_a_429(client: discord.Client, scene: Scene) -> None:
    channel = client.get_partial_messageable(scene.channel.id)
    fault = scene.server.faults.limits(
        "PATCH", ONE, retry_after=0.1, where=lambda body: "끝" in body["content"]
    )
    sent = await channel.send("시작")
    await sent.edit(content="중간")
    assert fault.hits == 0
    begun = time.perf_counter()
    await sent.edit(content="끝")
    assert time.perf_counter() - begun >= 0.1
    await fault.struck()
    shown = scene.channel.messages[sent.id]
    assert scene.channel.transcript.texts(shown) == ["시작", "중간", "끝"]
    assert scene.server.limits.invalid == 0


async def test_server_errors_are_retried_or_raised(client: discord.Client, scene: Scene) -> None:
    channel = client.get_partial_messageable(scene.channel.id)
    scene.server.faults.fails("POST", ALL, status=503)
    await refused(channel.send("안녕"), 503, 0)
    scene.server.faults.fails("POST", ALL, status=502)
    await channel.send("안녕")
    assert [r.status for r in scene.server.requests.of("POST", "/messages")] == [503, 502, 200]


async def test_a_lost_answer_and_the_nonce(client: discord.Client, scene: Scene) -> None:
    channel = client.get_partial_messageable(scene.channel.id)
    scene.server.faults.drops("POST", ALL)
    scene.server.faults.loses_answer("POST", ALL)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError):
            await channel.send("안녕", nonce="1")
    assert len(scene.channel.shown()) == 1
    again = await channel.send("안녕", nonce="1")
    assert [message.id for message in scene.channel.shown()] == [again.id]


async def test_slow_answers(client: discord.Client, scene: Scene) -> None:
    channel = client.get_partial_messageable(scene.channel.id)
    scene.server.faults.slows("POST", ALL, seconds=0.1, nth=2, times=2)
    begun = time.perf_counter()
    await channel.send("하나")
    assert time.perf_counter() - begun < 0.1
    await channel.send("둘")
    assert time.perf_counter() - begun >= 0.1
