"""What goes wrong where personas speak by webhooks, and what people see all the same."""

import logging
from pathlib import Path

import pytest
from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.facing import PARROT, allow, faces, spoken, switch, webhooks
from tests.bots.discord.world import answer, at_work

from madang_discord import serving

WHOLE = BEGUN + ENDED
SPEAK = "/webhooks/*"


async def test_a_webhook_that_is_deleted_in_the_middle(scene: Scene, profile: Path) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 이야기")
        begun = await spoken(scene.channel, PARROT, BEGUN)
        (former,) = webhooks(scene)
        scene.server.moderator.removes_webhook(former)
        bot.backend.go.set()
        found = await spoken(scene.channel, PARROT, WHOLE)
        await bot.yard.conversations.settled()
        assert found is not begun
        assert [found.webhook] == webhooks(scene)
        await scene.mina.clicks(found, "지우기")
        await scene.channel.sees(lambda shown: found not in shown)
        scene.server.moderator.removes_webhook(*webhooks(scene))
        scene.boram.says(scene.channel, "@마당이 아직 있니?")
        again = await spoken(scene.channel, PARROT, "아직 있니?")
        assert [again.webhook] == webhooks(scene)


async def test_without_the_permission_the_bot_speaks(
    scene: Scene, profile: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "madang_discord"):
        async with at_work(profile, scene.server) as bot:
            await switch(bot, scene)
            asked = scene.mina.says(scene.channel, "@마당이 하나")
            found = await answer(scene.server, scene.channel, "하나")
            assert found.reply_to is asked
            scene.mina.says(scene.channel, "@마당이 둘")
            await answer(scene.server, scene.channel, "둘")
            await bot.yard.conversations.settled()
    assert caplog.text.count("Manage Webhooks") == 1
    assert len(scene.server.requests.of("GET", "/webhooks")) == 1


async def test_where_the_bot_may_not_speak_no_persona_does(scene: Scene, profile: Path) -> None:
    bot_user, allowed = scene.server.bot, ("manage_webhooks",)
    scene.server.moderator.sets(
        scene.channel, bot_user, allow=allowed, deny=("send_messages", "send_messages_in_threads")
    )
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        asked = scene.mina.says(scene.channel, "@마당이 안녕")
        await scene.channel.finds(lambda m: m is asked and "🔇" in m.reactions)
        assert scene.channel.shown() == [asked]


async def test_too_many_webhooks(scene: Scene, profile: Path) -> None:
    allow(scene)
    for number in range(15):
        scene.server.moderator.makes_webhook(scene.channel, f"{number}", scene.boram.user)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        assert len(webhooks(scene)) == 15


async def test_a_lost_response_makes_no_second_message(scene: Scene, profile: Path) -> None:
    allow(scene)
    fault = scene.server.faults.loses_answer("POST", SPEAK, times=2)
    made = scene.server.faults.loses_answer("POST", "/channels/*/webhooks")
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 길게 300")
        await scene.channel.sees(lambda shown: "300번째 줄이에요." in shown[-1].content)
        await bot.yard.conversations.settled()
        said = [m for m in scene.channel.shown() if m.webhook]
        lines = "\n".join(m.content for m in said).splitlines()[1:]
        assert lines == [f"{number}번째 줄이에요." for number in range(1, 301)]
        assert len(webhooks(scene)) == 1
        assert (fault.hits, made.hits) == (2, 1)


async def test_what_was_sent_before_the_process_ended_is_not_sent_again(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.05)
    allow(scene)
    faults = scene.server.faults
    faults.loses_answer("POST", SPEAK, times=99)
    unseen = faults.drops("GET", "/channels/*/messages", times=99)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 이야기")
        begun = await spoken(scene.channel, PARROT, BEGUN)
        bot.backend.go.set()
        await unseen.struck(hits=2)
    faults.clear()
    async with at_work(profile, scene.server):
        assert await spoken(scene.channel, PARROT, WHOLE) is begun
        assert faces(scene.channel) == [PARROT]
