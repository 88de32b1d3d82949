"""The buttons under an answer, as people press them."""

import asyncio
from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.commanding import privately
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, count

from madang.contract import Place, Store
from madang.testing.discord.state.messages import Message

NOT_YOURS = "물어본 사람과 관리자만"


async def begun(scene: Scene, text: str = "@마당이 이야기") -> Message:
    scene.mina.says(scene.channel, text)
    return await answer(scene.server, scene.channel, BEGUN)


async def ended(scene: Scene, text: str, *buttons: str) -> Message:
    return await scene.channel.finds(
        lambda m: (
            m.author is scene.server.bot
            and m.content.startswith(text)
            and m.buttons == list(buttons)
        )
    )


async def test_a_running_answer_is_stopped_and_continued(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        found = await begun(scene)
        assert found.buttons == ["멈춤"]
        pressed = await scene.mina.clicks(found, "멈춤")
        assert not pressed.failed
        await ended(scene, BEGUN, "다시", "이어서", "지우기")
        assert bot.backend.closed
        bot.backend.go.set()
        await scene.mina.clicks(found, "이어서")
        await ended(scene, BEGUN + BEGUN, "다시", "지우기")
        assert count(scene) == 1


async def test_another_try_is_a_variant_and_pages_turn(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 안녕")
        found = await ended(scene, "안녕", "다시", "지우기")
        await scene.mina.clicks(found, "다시")
        await ended(scene, "안녕", "다시", "◀", "지우기")
        await scene.mina.clicks(found, "◀")
        await ended(scene, "안녕", "다시", "1/2 ▶", "지우기")
        place = await _only_place(bot.yard.store)
        variants = await bot.yard.conversations.variants(place)
        assert [each.chosen for each in variants] == [True, False]
        await scene.mina.clicks(found, "1/2 ▶")
        await ended(scene, "안녕", "다시", "◀", "지우기")
        assert count(scene) == 1


async def test_others_are_turned_away_privately(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        found = await begun(scene)
        pressed = await scene.boram.clicks(found, "멈춤")
        said = await privately(pressed)
        assert NOT_YOURS in said.content
        assert said not in scene.mina.sees(scene.channel)
        bot.backend.go.set()
        await answer(scene.server, scene.channel, BEGUN + ENDED)


async def test_a_moderator_may_delete(scene: Scene, profile: Path) -> None:
    chief = scene.server.person("관리자", scene.guild, allowed=("manage_messages",))
    async with at_work(profile, scene.server) as bot:
        found = await begun(scene)
        bot.backend.go.set()
        await ended(scene, BEGUN + ENDED, "다시", "지우기")
        await chief.clicks(found, "지우기")
        await scene.channel.transcript.bell.until(
            lambda: count(scene) == 0, limit=5.0, tell=lambda: str(scene.channel.transcript)
        )
        assert len(await bot.shown(await _only_place(bot.yard.store))) == 1


async def test_buttons_work_after_a_restart(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 안녕")
        found = await ended(scene, "안녕", "다시", "지우기")
    async with at_work(profile, scene.server):
        pressed = await scene.mina.clicks(found, "다시")
        assert not pressed.failed
        await ended(scene, "안녕", "다시", "◀", "지우기")


async def test_a_button_of_an_older_answer_says_why_not(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 하나")
        first = await ended(scene, "하나", "다시", "지우기")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        await ended(scene, "둘", "다시", "지우기")
        pressed = await scene.mina.clicks(first, "다시")
        said = await privately(pressed)
        assert "마지막 답만" in said.content


async def test_a_lost_press_breaks_nothing(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        found = await begun(scene)
        fault = scene.server.faults.fails("POST", "/interactions/*/callback", status=404)
        waiting = asyncio.create_task(scene.mina.clicks(found, "멈춤"))
        stopped = await ended(scene, BEGUN, "다시", "이어서", "지우기")
        waiting.cancel()
        assert stopped is found
        assert fault.hits == 1
        bot.backend.go.set()
        await scene.mina.clicks(found, "다시")
        again = await ended(scene, BEGUN + ENDED, "다시", "◀", "지우기")
        assert again is found
        assert again.content == BEGUN + ENDED
        assert count(scene) == 1


async def test_in_an_archived_thread_it_says_what_to_do(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        scene.mina.says(thread, "@마당이 하나")
        found = await thread.finds(lambda message: "다시" in message.buttons)
        scene.mina.archives(thread)
        pressed = await scene.mina.clicks(found, "다시")
        assert "보관된 스레드" in (await privately(pressed)).content
        assert bot.backend.asked == ["하나"]
        scene.mina.says(thread, "@보람 다시 열어요")
        await scene.mina.clicks(found, "지우기")
        await thread.transcript.bell.until(
            lambda: count(scene, thread) == 0, limit=5.0, tell=lambda: str(thread.transcript)
        )


async def _only_place(store: Store) -> Place:
    (place,) = await store.places("discord")
    return place
