"""Personas that speak under their own name and picture, as people in the channel see it."""

import shutil
from pathlib import Path

import pytest
from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.facing import (
    OWL,
    PARROT,
    above,
    allow,
    faces,
    persona_of,
    says,
    spoken,
    switch,
    webhooks,
)
from tests.bots.discord.test_settings import manager, panel_of
from tests.bots.discord.world import answer, at_work, count

from madang.contract import Place
from madang.testing.discord import Portal, Rules, open_discord
from madang_discord.places import guild_place
from madang_discord.webhooks import fitting

WHOLE = BEGUN + ENDED
PICTURE = "https://example.org/owl.png"


async def test_two_personas_in_one_channel_look_like_two_members(
    scene: Scene, profile: Path
) -> None:
    owl = profile.parent / "plugins" / "owl" / "persona.toml"
    owl.write_text(f'avatar = "{PICTURE}"\n{owl.read_text("utf-8")}', "utf-8")
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        asked = scene.mina.says(scene.channel, "@마당이 안녕")
        also = scene.boram.says(scene.channel, "@마당이 올빼미야, 밤이니?")
        first = await spoken(scene.channel, PARROT, "안녕")
        second = await spoken(scene.channel, OWL, "밤이니?")
        assert first.content == f"{above(asked)}\n안녕"
        assert second.content == f"{above(also)}\n밤이니?"
        assert (first.pinged, second.pinged) == (["미나"], ["보람"])
        assert (first.author.avatar, second.author.avatar) == (None, PICTURE)
        assert count(scene) == 0
        assert [each.name for each in webhooks(scene)] == ["마당이"]


async def test_an_answer_grows_and_replies_address_who_spoke(scene: Scene, profile: Path) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 올빼미야, 이야기")
        found = await spoken(scene.channel, OWL, BEGUN)
        assert found.buttons == ["멈춤"]
        bot.backend.go.set()
        await spoken(scene.channel, OWL, WHOLE)
        scene.mina.says(scene.channel, "고마워", reply_to=found)
        reply = await spoken(scene.channel, OWL, "고마워")
        assert bot.heard() == ["이야기", WHOLE, "고마워"]
        await bot.yard.conversations.settled()
        assert faces(scene.channel) == [OWL, OWL]
        assert await persona_of(bot, scene, reply) == "owl"


async def test_faces_never_talk_to_themselves(scene: Scene, profile: Path) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 하나")
        await spoken(scene.channel, PARROT, "하나")
        (own,) = webhooks(scene)
        stranger = scene.server.moderator.makes_webhook(scene.channel, "소식", scene.boram.user)
        says(scene, own, f"{scene.server.bot.mention} 나한테?")
        says(scene, stranger, f"{scene.server.bot.mention} 남한테?")
        await spoken(scene.channel, PARROT, "남한테?")
        await bot.yard.conversations.settled()
        assert bot.backend.asked == ["하나", "남한테?"]


async def test_who_spoke_is_known_by_name_when_the_store_is_not(
    scene: Scene, profile: Path
) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 올빼미야, 밤이니?")
        found = await spoken(scene.channel, OWL, "밤이니?")
    shutil.rmtree(profile.parent / "home")
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "낮에는?", reply_to=found)
        await spoken(scene.channel, OWL, "낮에는?")
        assert bot.heard() == ["올빼미야, 밤이니?", "밤이니?", "낮에는?"]


async def test_buttons_after_a_restart_and_another_switch(scene: Scene, profile: Path) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(scene.channel, "@마당이 안녕")
        faced = await spoken(scene.channel, PARROT, "안녕")
        await switch(bot, scene, on=False)
        scene.boram.says(scene.channel, "@마당이 나는?")
        plain = await answer(scene.server, scene.channel, "나는?")
        await bot.yard.conversations.settled()
    async with at_work(profile, scene.server) as bot:
        await scene.mina.clicks(faced, "다시")
        await scene.channel.finds(lambda m: m is faced and "◀" in m.buttons)
        await switch(bot, scene)
        await scene.boram.clicks(plain, "다시")
        await scene.channel.finds(lambda m: m is plain and "◀" in m.buttons)
        await scene.mina.clicks(faced, "◀")
        await scene.channel.finds(lambda m: m is faced and "1/2 ▶" in m.buttons)
        assert faced.content.endswith("\n안녕")
        assert plain.content == "나는?"
        await bot.yard.conversations.settled()
        assert len(scene.channel.shown()) == 4
        await scene.mina.clicks(faced, "지우기")
        await scene.channel.sees(lambda shown: faced not in shown)
        await scene.boram.clicks(plain, "지우기")
        await scene.channel.sees(lambda shown: plain not in shown)


async def test_an_edited_question_is_answered_under_the_name_of_who_answers(
    scene: Scene, profile: Path
) -> None:
    allow(scene)
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        first = await spoken(scene.channel, PARROT, "하나")
        await bot.yard.conversations.settled()
        scene.mina.edits(asked, "@마당이 둘")
        assert await spoken(scene.channel, PARROT, "둘") is first
        await bot.yard.conversations.settled()
        found = await bot.yard.conversations.messages.find(
            guild_place(scene.guild.id), str(asked.id)
        )
        assert found is not None
        await bot.yard.conversations.use(found.conversation.place, "owl")
        scene.mina.edits(asked, "@마당이 셋")
        await spoken(scene.channel, OWL, "셋")
        await bot.yard.conversations.settled()
        assert faces(scene.channel) == [OWL]
        scene.mina.deletes(asked)
        await scene.channel.sees(lambda shown: not shown)


async def test_in_a_thread(scene: Scene, profile: Path) -> None:
    allow(scene)
    thread = scene.mina.opens_thread(scene.channel, "밤")
    async with at_work(profile, scene.server) as bot:
        await switch(bot, scene)
        scene.mina.says(thread, "@마당이 올빼미야, 길게 1500")
        scene.boram.says(scene.channel, "@마당이 여기는?")
        last = await thread.finds(lambda m: m.attachments)
        await spoken(scene.channel, PARROT, "여기는?")
        assert len(webhooks(scene)) == 1
        assert last.attachments[0].data.decode().endswith("1500번째 줄이에요.")
        assert faces(thread) == [OWL] * 5
        scene.boram.says(thread, "길게 3")
        await thread.finds(lambda m: m.webhook and m.content.endswith("\n3번째 줄이에요."))
        assert webhooks(scene)[0].place is scene.channel
        await scene.mina.clicks(last, "지우기")
        await thread.sees(lambda shown: faces(thread) == [PARROT])


async def test_not_in_direct_messages(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await bot.yard.conversations.options.set(Place("discord"), "faces", True)
        scene.mina.says(scene.mina.dm, "안녕")
        await answer(scene.server, scene.mina.dm, "안녕")
        assert scene.server.requests.of("GET", "/webhooks") == []


async def test_not_where_replies_could_not_be_read(profile: Path) -> None:
    async with open_discord(Rules().scaled(0.02), portal=Portal(message_content=False)) as server:
        guild = server.guild("마당", allowed=("view_channel", "send_messages", "manage_webhooks"))
        channel, mina = server.channel(guild), server.person("미나", guild)
        async with at_work(profile, server) as bot:
            await bot.yard.conversations.options.set(guild_place(guild.id), "faces", True)
            mina.says(channel, "@마당이 안녕")
            await answer(server, channel, "안녕")


async def test_the_panel_switches_it_and_says_what_is_missing(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        await keeper.clicks(panel, "페르소나 이름으로 말하기")
        shown = await asked.shows(lambda m: "봇 이름으로 말하기" in m.buttons)
        assert "권한이 없어요" in shown.text
        allow(scene)
        await keeper.chooses(panel, scene.channel, select="채널이나 스레드 고르기")
        shown = await asked.shows(lambda m: f"<#{scene.channel.id}>" in m.text)
        assert "자기 이름과 사진으로" in shown.text
        assert "권한이 없어요" not in shown.text
        scene.mina.says(scene.channel, "@마당이 안녕")
        await spoken(scene.channel, PARROT, "안녕")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("올빼미", "올빼미"),
        ("Discord 도우미", "도우미"),
        ("my ClYdE  bot", "my bot"),
        ("discord", ""),
        ("가" * 100, "가" * 80),
    ],
)
def test_names_are_such_as_discord_takes(title: str, name: str) -> None:
    assert fitting(title) == name
