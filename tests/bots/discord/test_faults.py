"""What goes wrong on Discord's side, and what people see all the same."""

from pathlib import Path
from typing import Any

import pytest
from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, build, count

from madang.testing.discord import Rules, open_discord
from madang_discord import ears, serving

EDITS, SENDS = "/channels/*/messages/*", "/channels/*/messages"
WHOLE = BEGUN + ENDED


def final(body: Any) -> bool:
    """Recognise the final edit."""
    return isinstance(body, dict) and ENDED in (body.get("content") or "")


async def tell_story(scene: Scene, profile: Path) -> None:
    """Have a story told to its end in one message."""
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        await answer(scene.server, scene.channel, BEGUN)
        bot.backend.go.set()
        await answer(scene.server, scene.channel, WHOLE)
        await bot.yard.conversations.settled()
        assert count(scene) == 1


async def test_a_429_on_the_final_edit(scene: Scene, profile: Path) -> None:
    fault = scene.server.faults.limits("PATCH", EDITS, retry_after=0.05, where=final)
    await tell_story(scene, profile)
    assert fault.hits == 1
    assert len(scene.server.requests.of("PATCH", status=429)) == 1


async def test_errors_of_the_server_on_the_final_edit(scene: Scene, profile: Path) -> None:
    fault = scene.server.faults.fails("PATCH", EDITS, status=502, times=3, where=final)
    await tell_story(scene, profile)
    assert fault.hits == 3


async def test_a_connection_that_is_cut_on_the_final_edit(scene: Scene, profile: Path) -> None:
    fault = scene.server.faults.drops("PATCH", EDITS, times=2, where=final)
    await tell_story(scene, profile)
    assert fault.hits == 2


async def test_a_lost_response_does_not_make_a_second_message(scene: Scene, profile: Path) -> None:
    fault = scene.server.faults.loses_answer("POST", SENDS)
    await tell_story(scene, profile)
    assert fault.hits == 1


async def test_a_malformed_payload_costs_no_answer(scene: Scene, profile: Path) -> None:
    gateway = scene.server.gateway
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        found = await answer(scene.server, scene.channel, BEGUN)
        gateway.garble()
        await gateway.began(identified=2)
        bot.backend.go.set()
        await answer(scene.server, scene.channel, WHOLE)
        assert found.content == WHOLE
        scene.mina.says(scene.channel, "@마당이 들려?")
        await answer(scene.server, scene.channel, "들려?")


@pytest.mark.parametrize("resumable", [True, False])
async def test_what_was_said_while_the_gateway_was_away_is_answered(
    scene: Scene, profile: Path, resumable: bool
) -> None:
    gateway = scene.server.gateway
    async with at_work(profile, scene.server):
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나")
        gateway.drop(resumable=resumable)
        scene.mina.says(scene.channel, "@마당이 놓쳤나?")
        scene.mina.says(scene.mina.dm, "여기도?")
        await answer(scene.server, scene.channel, "놓쳤나?")
        await answer(scene.server, scene.mina.dm, "여기도?")
        assert count(scene) == 1


async def test_the_channel_goes_away(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        await answer(scene.server, scene.channel, BEGUN)
        scene.server.moderator.removes_channel(scene.channel)
        bot.backend.go.set()
        await bot.yard.conversations.settled()
        scene.mina.says(scene.mina.dm, "괜찮아?")
        await answer(scene.server, scene.mina.dm, "괜찮아?")
        assert bot.backend.asked == ["이야기", "괜찮아?"]
        assert count(scene, scene.mina.dm) == 1


async def test_streams_in_one_channel_stay_within_the_limits(profile: Path) -> None:
    async with open_discord(Rules().scaled(0.1)) as server:
        guild = server.guild()
        channel = server.channel(guild)
        people = [server.person(name, guild) for name in ("가", "나", "다", "라", "마", "바")]
        async with at_work(profile, server) as bot:
            for person in people:
                person.says(channel, "@마당이 이야기")
            await channel.sees(
                lambda shown: sum(m.content == BEGUN for m in shown) == len(people), limit=10
            )
            bot.backend.go.set()
            await channel.sees(
                lambda shown: sum(m.content == WHOLE for m in shown) == len(people), limit=10
            )
            assert server.limits.refused == 0


async def test_shards_hear_their_own_servers(scene: Scene, tmp_path: Path) -> None:
    guilds = [scene.server.guild(f"마당 {number}") for number in range(3)]
    channels = [scene.server.channel(guild) for guild in guilds]
    assert {(guild.id >> 22) % 2 for guild in guilds} == {0, 1}
    async with at_work(build(tmp_path, options="shards = 2"), scene.server, shards=2) as bot:
        sessions = scene.server.gateway.sessions.values()
        assert {(each.shard, each.shards) for each in sessions} == {(0, 2), (1, 2)}
        for guild, channel in zip(guilds, channels, strict=True):
            person = scene.server.person("가", guild)
            person.says(channel, "@마당이 안녕")
            await answer(scene.server, channel, "안녕")
        await bot.yard.conversations.settled()
        assert [count(scene, channel) for channel in channels] == [1, 1, 1]
        assert bot.backend.asked == ["안녕"] * 3


async def test_a_connection_that_does_not_come_back_is_replaced(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "DEAF_SECONDS", 0.05)
    monkeypatch.setattr(serving, "WATCH_SECONDS", 0.02)
    gateway = scene.server.gateway
    async with at_work(profile, scene.server) as bot:
        gateway.reachable = False
        gateway.drop()
        await gateway.bell.until(
            lambda: gateway.turned_away, limit=5, tell=lambda: "nobody was turned away"
        )
        deaf, client = await bot.serving._why_deaf(), bot.talk.client
        scene.mina.says(scene.channel, "@마당이 들려?")
        gateway.reachable = True
        await answer(scene.server, scene.channel, "들려?")
        assert "no connection" in deaf
        assert bot.talk.client is not client
        assert await bot.serving._why_deaf() == ""
