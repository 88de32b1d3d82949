"""A bot in a process of its own: stopped, killed in the middle of an answer, started again."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, build, count, environment

from madang_discord.kept import Keeping, Kept

PROGRAM = """
import sys
import discord
from madang.cli import main
from madang.testing.discord import pointed_at

begin = discord.AutoShardedClient.__init__
discord.AutoShardedClient.__init__ = lambda self, **options: begin(
    self, **options, guild_ready_timeout=0.02
)
with pointed_at(sys.argv[1]):
    status = main(["bot", "discord", "--profile", sys.argv[2]])
heavy = {"torch", "transformers"} & sys.modules.keys()
sys.exit(status or bool(heavy))
"""
WHOLE = BEGUN + ENDED


@contextlib.asynccontextmanager
async def process(scene: Scene, profile: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot until the end of the block, where it is killed if it still runs."""
    folder, root = profile.parent, Path(__file__).parents[3]
    environ = environment(folder) | {
        "DISCORD_TOKEN": scene.server.token,
        "GATE": str(folder / "gate"),
        "PYTHONPATH": str(root),
    }
    command = (sys.executable, "-W", "ignore", "-c", PROGRAM, scene.server.url, str(profile))
    log = (folder / "log").open("a")
    running = await asyncio.create_subprocess_exec(*command, env=environ, stderr=log)
    try:
        await scene.server.gateway.online(limit=20)
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
        log.close()
        await scene.server.gateway.offline()
        assert scene.server.token not in (folder / "log").read_text("utf-8")


async def test_an_answer_survives_a_kill_and_a_restart(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, burst=0.05)
    async with process(scene, profile) as first:
        scene.mina.says(scene.channel, "@마당이 이야기")
        begun = await answer(scene.server, scene.channel, BEGUN)
        first.kill()
    missed = scene.mina.says(scene.channel, "@마당이 놓쳤니?")
    (tmp_path / "gate").touch()
    async with process(scene, profile) as again:
        await scene.channel.finds(lambda message: message.content.startswith(WHOLE), limit=10)
        assert begun.content == WHOLE
        found = await answer(scene.server, scene.channel, "놓쳤니?")
        assert found.reply_to is missed
        scene.mina.says(scene.channel, "고마워", reply_to=begun)
        await answer(scene.server, scene.channel, "고마워")
        assert count(scene) == 3
        again.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(again.wait(), 10) == 0


async def test_being_told_to_stop_keeps_the_text(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path)
    async with process(scene, profile) as running:
        scene.mina.says(scene.channel, "@마당이 이야기")
        found = await answer(scene.server, scene.channel, BEGUN)
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 10) == 0
    assert found.content == f"{BEGUN}\n-# (멈췄어요)"


async def test_answers_to_commands_survive_a_kill(scene: Scene, tmp_path: Path) -> None:
    """In a channel, in direct messages, and where the bot is no member; one not yet begun."""
    profile, server = build(tmp_path, burst=0.05), scene.server
    away = server.world.add_guild("남의 집", "ko")
    guest = server.person("손님", scene.guild, away)
    server.installs(guest)
    far = server.channel(away, "잡담")
    # What is told in direct messages is lost on its way until the bot has been killed.
    server.faults.fails("PATCH", f"/channels/{scene.boram.dm.id}/*", times=10_000)
    async with process(scene, profile) as first:
        await published(server)
        asked = [
            await scene.mina.slash(scene.channel, "chat", text="이야기"),
            await guest.slash(far, "chat", text="이야기"),
        ]
        for each in asked:
            await each.shows(lambda message: message.content == BEGUN)
        unheard = await scene.boram.slash(scene.boram.dm, "chat", text="이야기")
        assert unheard.original is not None
        await server.requests.seen("PATCH", f"/messages/{unheard.original.id}")
        first.kill()
    assert unheard.text.startswith("💭")
    server.faults.clear()
    (tmp_path / "gate").touch()
    async with process(scene, profile):
        for each in (*asked, unheard):
            await each.shows(
                lambda message: message.content == WHOLE and "다시" in message.buttons, limit=10
            )
        assert [count(scene, place) for place in (scene.channel, far, scene.boram.dm)] == [1, 1, 1]


async def test_what_nobody_can_write_any_more_is_shown_when_a_button_is_pressed(
    scene: Scene, tmp_path: Path
) -> None:
    profile, server = build(tmp_path), scene.server
    far = server.channel(server.world.add_guild("남의 집", "ko"), "잡담")
    assert far.guild is not None
    guest = server.person("손님", far.guild)
    server.installs(guest)
    async with process(scene, profile) as first:
        await published(server)
        asked = await guest.slash(far, "chat", text="이야기")
        found = await asked.shows(lambda message: message.content == BEGUN)
        first.kill()
    lifetime = server.world.rules.token_lifetime
    server.world.rules = replace(server.world.rules, token_lifetime=0.0)
    async with at_work(profile, server) as bot:
        await server.requests.bell.until(
            lambda: server.requests.of("PATCH", status=401), limit=5.0, tell=str
        )
        bot.backend.go.set()
        await bot.yard.conversations.settled()
        assert found.content == BEGUN
        server.world.rules = replace(server.world.rules, token_lifetime=lifetime)
        pressed = await guest.clicks(found, "멈춤")
        shown = await asked.shows(lambda message: "다시" in message.buttons)
        assert shown.content.startswith(WHOLE)
        assert "이미 끝났어요" in pressed.followups[0].content


async def test_a_question_that_was_never_taken_in_is_asked_for_again(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        client = bot.talk.client
        assert client is not None
        sent = await client.get_partial_messageable(scene.channel.id).send("💭")
        mina, here = scene.mina.user.id, scene.channel.id
        kept = Kept(key="1", message=str(sent.id), channel=here, asker=mina, born=time.time())
        await Keeping(bot.yard.store).keep(kept)
    async with at_work(profile, scene.server):
        await scene.channel.finds(lambda message: "다시 물어봐 주세요" in message.content)
        assert count(scene) == 1
