"""What goes wrong on Discord's side, and what people see all the same."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes, ended
from tests.bots.discord.world import Bot, answer, at_work, build, count

from madang.testing.discord import Rules, open_discord
from madang_discord import health, rest, serving
from madang_discord.ears import Ears

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
    monkeypatch.setattr(health, "DEAF_SECONDS", 0.05)
    monkeypatch.setattr(serving, "WATCH_SECONDS", 0.02)
    gateway = scene.server.gateway
    async with at_work(profile, scene.server) as bot:
        gateway.reachable = False
        gateway.drop()
        await gateway.bell.until(
            lambda: gateway.turned_away, limit=5, tell=lambda: "nobody was turned away"
        )
        deaf, client = await bot.serving._why_deaf(), bot.talk.client
        assert client is not None

        async def replaced() -> bool:
            return client.is_closed()

        await comes(replaced)
        scene.mina.says(scene.channel, "@마당이 들려?")
        gateway.reachable = True
        await answer(scene.server, scene.channel, "들려?")
        assert "no connection" in deaf
        assert bot.talk.client is not client
        assert await bot.serving._why_deaf() == ""


async def well(bot: Bot) -> bool:
    """Say whether the bot hears."""
    return not await bot.serving._why_deaf()


async def test_a_heart_without_a_first_beat_does_not_lag(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(profile, scene.server) as bot:
        await comes(partial(well, bot))
        client = bot.talk.client
        assert client is not None
        beats = [(0, 0.1), (1, math.inf)]
        monkeypatch.setattr(Ears, "latencies", property(lambda _: beats))
        assert not client.health.given_up
        assert client.health.why_deaf() == ""
        beats[0] = (0, health.DEAF_SECONDS + 1)
        assert client.health.given_up
        assert client.health.why_deaf() == "The heart lags (0: 121 s)."
        beats.clear()


@pytest.mark.parametrize(("times", "asked"), [(2, ["둘", "하나"]), (99, ["하나"])])
async def test_catching_up_goes_on_after_a_cut(
    scene: Scene, profile: Path, times: int, asked: list[str]
) -> None:
    other = scene.server.channel(scene.guild, "다른 곳")
    scene.mina.says(scene.channel, "@마당이 하나")
    scene.mina.says(other, "@마당이 둘")
    scene.server.faults.drops("GET", f"/channels/{other.id}/messages", times=times)
    busy = f"/channels/{scene.channel.id}/messages"
    scene.server.faults.fails("GET", busy, status=503, times=2)
    async with at_work(profile, scene.server) as bot:
        # Where something was said last is read first.
        await answer(scene.server, scene.channel, "하나")
        await bot.yard.conversations.settled()
        assert sorted(bot.backend.asked) == sorted(asked)


@pytest.mark.parametrize(
    ("times", "heard"),
    [(2, "미나: 금리가 뭐야?\n보람: 돈값이지\n미나: 맞아?"), (9, "보람: 돈값이지\n미나: 맞아?")],
)
async def test_a_cut_while_the_chain_is_read_costs_no_answer(
    scene: Scene, profile: Path, times: int, heard: str
) -> None:
    first = scene.mina.says(scene.channel, "금리가 뭐야?")
    second = scene.boram.says(scene.channel, "돈값이지", reply_to=first)
    fault = scene.server.faults.drops("GET", EDITS, times=times)
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 맞아?", reply_to=second)
        await ended(scene, scene.channel, "맞아?")
        assert fault.hits >= min(times, rest.ATTEMPTS)
        assert bot.heard() == [heard]


async def test_an_orphan_is_deleted_although_the_first_try_fails(
    scene: Scene, profile: Path
) -> None:
    """The question is deleted while the first message of its answer is being sent."""
    slow = scene.server.faults.slows("POST", SENDS, seconds=0.1)
    fault = scene.server.faults.fails("DELETE", EDITS, status=502, times=2)
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 이야기")
        await slow.struck()
        scene.mina.deletes(asked)
        await fault.struck(hits=2)
        await bot.yard.conversations.settled()
        assert count(scene) == 0
