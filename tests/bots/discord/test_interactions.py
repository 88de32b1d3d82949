"""Interactions that end before their answer is there."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import at_work

from madang.contract import Place, Turn


@pytest.mark.parametrize("command", ["history", "stop"])
async def test_the_end_of_a_connection_is_no_error_of_what_is_under_way(
    scene: Scene, profile: Path, caplog: pytest.LogCaptureFixture, command: str
) -> None:
    caplog.set_level("INFO", "madang_discord")
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        conversations, client = bot.yard.conversations, bot.talk.client
        assert client is not None
        history = conversations.history

        async def once(place: Place) -> Sequence[Turn]:
            """Have the connection end while a command is looking things up."""
            conversations.__dict__.pop("history")
            await client.close()
            return await history(place)

        conversations.__dict__["history"] = once
        await scene.mina.slash(scene.mina.dm, command)
        await scene.server.gateway.began(identified=2)
        assert "somebody cannot be told" in caplog.text
        assert not [each for each in caplog.records if each.levelname == "ERROR"]
