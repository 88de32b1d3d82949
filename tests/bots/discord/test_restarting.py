"""A bot in a process of its own: stopped, killed in the middle of an answer, started again."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, build, count, environment

PROGRAM = """
import sys
from madang.cli import main
from madang.testing.discord import pointed_at

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
