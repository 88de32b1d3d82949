"""What was said while the bot was away."""

from pathlib import Path

import pytest
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import ended
from tests.bots.discord.world import answer, at_work

from madang_discord import catching_up


async def test_a_missed_question_is_found_behind_much_chatter(scene: Scene, profile: Path) -> None:
    for number in range(catching_up.MOST_MESSAGES + 5):
        scene.boram.says(scene.channel, f"수다 {number}")
    scene.mina.says(scene.channel, "@마당이 놓쳤니?")
    async with at_work(profile, scene.server):
        await answer(scene.server, scene.channel, "놓쳤니?")


async def test_the_newest_direct_messages_are_caught_up_first(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "MOST_CHANNELS", 1)
    newer, older = sorted((scene.mina, scene.boram), key=lambda person: person.dm.id)
    async with at_work(profile, scene.server) as bot:
        for person in (older, newer):
            person.says(person.dm, "하나")
            await ended(scene, person.dm, "하나")
        await bot.yard.conversations.settled()
    newer.says(newer.dm, "놓쳤니?")
    async with at_work(profile, scene.server):
        await answer(scene.server, newer.dm, "놓쳤니?")
