"""A bot in a process of its own: pointed at the stand-in, killed, and started again."""

import asyncio
import sys

from tests.core.testing.discord.scene import Scene

from madang.testing.discord import open_discord

BOT = """
import sys
import discord
from madang.testing.discord import pointed_at

class Bot(discord.Client):
    async def on_message(self, message):
        if message.author != self.user:
            await message.reply("들었어요")

with pointed_at(sys.argv[1]):
    Bot(intents=discord.Intents.default()).run(sys.argv[2], log_handler=None)
"""


async def test_a_bot_is_killed_and_starts_again() -> None:
    async with open_discord(point=False) as server:
        scene = Scene(server)

        async def start() -> asyncio.subprocess.Process:
            program = (sys.executable, "-W", "ignore", "-c", BOT, server.url, server.token)
            return await asyncio.create_subprocess_exec(*program)

        first = await start()
        await server.gateway.online(limit=20)
        scene.mina.says(scene.channel, "@마당이 하나")
        await scene.channel.finds(lambda message: message.content == "들었어요")
        first.kill()
        await first.wait()
        await server.gateway.offline()
        scene.mina.says(scene.channel, "@마당이 둘")
        again = await start()
        await server.gateway.online(limit=20)
        scene.mina.says(scene.channel, "@마당이 셋")
        answer = await scene.channel.finds(lambda message: message.id > first_id(scene))
        assert answer.content == "들었어요"
        assert server.gateway.identified == 2
        again.kill()
        await again.wait()


def first_id(scene: Scene) -> int:
    """Return the id of the last thing a person said."""
    return max(m.id for m in scene.channel.shown() if m.author is scene.mina.user)
