"""Questions by command, button and menu: each is answered, or whoever asked is told why not."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.commanding import privately, published, taken_back
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, build, count

from madang.contract import Place, Turn
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.messages import Message
from madang_discord.awaiting import Awaiting
from madang_discord.kept import Kept
from madang_discord.places import author_of, dm_place, guild_place

WHOLE = BEGUN + ENDED


def says(text: str) -> Callable[[Message], bool]:
    return lambda message: message.content == text and "다시" in message.buttons


async def test_of_two_at_once_one_is_answered_and_one_is_told(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        dm = scene.mina.dm
        asked = await asyncio.gather(
            scene.mina.slash(dm, "chat", text="이야기 하나"),
            scene.mina.slash(dm, "chat", text="이야기 둘"),
        )
        (refused,) = [each for each in asked if each.followups or await is_refused(each)]
        (told,) = [each for each in asked if each is not refused]
        bot.backend.go.set()
        await told.shows(says(WHOLE))
        assert "답을 쓰는 중" in (await privately(refused)).content
        assert count(scene, dm) == 1
        assert len(bot.backend.asked) == 1


async def is_refused(asked: Interaction) -> bool:
    await asked.place.transcript.bell.until(
        lambda: asked.followups or asked.text.startswith(BEGUN), limit=5.0, tell=str
    )
    return bool(asked.followups)


async def test_a_question_that_would_wait_behind_another_is_taken_back(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        conversations, place = bot.yard.conversations, dm_place(scene.mina.dm.id)
        history = conversations.history

        async def once(asked: Place) -> list[Turn]:
            """Have a message come in just after nothing was on its way."""
            conversations.__dict__.pop("history")
            before = list(await history(asked))
            scene.mina.says(scene.mina.dm, "이야기 먼저")
            await bot.backend.held.wait()
            return before

        conversations.__dict__["history"] = once
        asked = await scene.mina.slash(scene.mina.dm, "chat", text="나중")
        told = await privately(asked)
        assert "답을 쓰는 중" in told.content
        await taken_back(asked)
        bot.backend.go.set()
        await answer(scene.server, scene.mina.dm, WHOLE)
        await conversations.settled()
        assert bot.backend.asked == ["이야기 먼저"]
        assert await bot.shown(place) == ["이야기 먼저", WHOLE]


async def test_a_refusal_is_for_who_asked_alone(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, limits="daily_requests = 1")
    async with at_work(profile, scene.server):
        await published(scene.server)
        first = await scene.mina.slash(scene.channel, "chat", text="하나")
        await first.shows(says("하나"))
        second = await scene.mina.slash(scene.channel, "chat", text="둘")
        told = await privately(second)
        assert "다 물었어요" in told.content
        assert told not in scene.boram.sees(scene.channel)
        await taken_back(second)
        assert count(scene) == 1


async def test_what_is_switched_off_says_so_privately(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "enabled", False)
        asked = await scene.mina.slash(scene.channel, "chat", text="안녕")
        assert "꺼져 있어요" in (await privately(asked)).content
        await taken_back(asked)


async def test_who_wants_problems_silent_is_told_privately(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "errors", "silent")
        asked = await scene.mina.slash(scene.channel, "chat", text="고장")
        assert "모델을 불러오지 못했어요" in (await privately(asked)).content
        await taken_back(asked)


async def test_a_persona_is_found_by_what_it_is_called(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        asked = await scene.mina.slash(scene.mina.dm, "chat", text="안녕", persona="올빼미")
        await asked.shows(says("안녕"))
        history = await bot.yard.conversations.history(dm_place(scene.mina.dm.id))
        assert history[-1].persona == "owl"


async def test_the_nearest_name_is_told_in_the_language_of_who_asks(
    scene: Scene, profile: Path
) -> None:
    sam = scene.server.person("Sam", scene.guild, locale="en-US")
    async with at_work(profile, scene.server):
        await published(scene.server)
        korean = await scene.mina.slash(scene.channel, "chat", text="안녕", persona="올뻬미")
        assert "그런 페르소나는 없어요" in korean.text
        assert "혹시 이 가운데 하나인가요? 올빼미 (`owl`)" in korean.text
        english = await sam.slash(scene.channel, "persona use", persona="parot")
        assert "Did you mean one of these? Parrot (`parrot`)" in english.text
        assert korean.original is not None
        assert korean.original.only_for is scene.mina.user
        assert count(scene) == 0


async def test_an_answer_to_a_lost_acknowledgement_is_given_all_the_same(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server):
        await published(scene.server)
        scene.server.faults.drops("POST", "/interactions/*/callback")
        waiting = asyncio.create_task(scene.mina.slash(scene.channel, "chat", text="안녕"))
        await scene.channel.finds(says("안녕"))
        waiting.cancel()
        scene.server.faults.loses_answer("POST", "/interactions/*/callback")
        asked = await scene.mina.slash(scene.channel, "chat", text="또")
        await asked.shows(says("또"))
        assert count(scene) == 2


async def test_a_question_whose_acknowledgement_came_too_late_is_answered_all_the_same(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.server.faults.fails("POST", "/interactions/*/callback", status=404)
        waiting = asyncio.create_task(scene.mina.slash(scene.channel, "chat", text="안녕"))
        await scene.channel.finds(says("안녕"))
        waiting.cancel()
        assert bot.backend.asked == ["안녕"]
        assert count(scene) == 1


async def test_a_cut_answer_is_gone_on_with_after_turning_back(scene: Scene, profile: Path) -> None:
    cut = ["다시", "이어서", "지우기"]
    async with at_work(profile, scene.server):
        await published(scene.server)
        asked = await scene.mina.slash(scene.channel, "chat", text="짧게")
        found = await asked.shows(lambda m: m.buttons == cut)
        await scene.mina.clicks(found, "다시")
        await asked.shows(lambda m: m.buttons == ["다시", "◀", "이어서", "지우기"])
        await scene.mina.clicks(found, "◀")
        await asked.shows(lambda m: m.buttons == ["다시", "1/2 ▶", "이어서", "지우기"])
        await scene.mina.clicks(found, "이어서")
        await asked.shows(lambda m: m.content.startswith("짧게짧게") and "이어서" in m.buttons)


async def test_a_question_that_is_answered_with_another_does_not_think_for_ever(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        dm, mina, client = scene.mina.dm, scene.mina.user, bot.talk.client
        assert client is not None
        scene.mina.says(dm, "이야기")
        await answer(scene.server, dm, BEGUN)
        sent = await client.get_partial_messageable(dm.id).send("💭")
        kept = Kept(key="1", message=str(sent.id), channel=dm.id, asker=mina.id, born=time.time())
        (awaiting,) = [each for each in bot.talk.features if isinstance(each, Awaiting)]
        awaiting._kept["1"] = kept
        author = author_of(mina.id, mina.name)
        await bot.yard.conversations.say(dm_place(dm.id), author, "하나", message_id="1")
        await bot.yard.conversations.say(dm_place(dm.id), author, "둘", message_id="2")
        bot.backend.go.set()
        await dm.finds(lambda message: "함께 답했어요" in message.content)
        await dm.finds(lambda m: m.author is scene.server.bot and m.content.endswith("둘"))
