"""How much one person and one server may ask, and how they are told."""

from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.commanding import privately, published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import all_asked, until_said, until_waiting
from tests.bots.discord.world import answer, at_work, build, count

from madang.testing.discord.state.interactions import Asked, Interaction
from madang.testing.discord.state.messages import Message
from madang_discord.limits import MINUTE, Rate
from madang_discord.places import dm_place, guild_place


async def test_who_asks_too_often_is_told_once(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_per_minute = 1")
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        scene.mina.says(scene.channel, "@마당이 둘")
        told = await scene.channel.finds(lambda message: "1분에 1번까지" in message.content)
        assert told.pinged == ["미나"]
        scene.mina.says(scene.channel, "@마당이 셋")
        scene.boram.says(scene.channel, "@마당이 저도요")
        await answer(scene.server, scene.channel, "저도요")
        assert count(scene) == 3


async def test_a_server_is_bounded_too(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="server_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        refused = scene.boram.says(scene.channel, "@마당이 둘")
        told = await scene.channel.finds(lambda message: "너무 많이" in message.content)
        assert told.reply_to is refused
        scene.boram.says(scene.boram.dm, "셋")
        await answer(scene.server, scene.boram.dm, "셋")
        assert bot.backend.asked == ["하나", "셋"]
        assert count(scene) == 2


async def test_so_many_answers_at_once_and_no_more(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_at_once = 1")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기 해 줘")
        await answer(scene.server, scene.channel, BEGUN)
        refused = scene.mina.says(scene.channel, "@마당이 또 물어요")
        told = await scene.channel.finds(lambda message: "한꺼번에 1개까지" in message.content)
        assert told.reply_to is refused
        scene.boram.says(scene.channel, "@마당이 저는요")
        await answer(scene.server, scene.channel, "저는요")
        bot.backend.go.set()
        await answer(scene.server, scene.channel, BEGUN + ENDED)
        scene.mina.says(scene.channel, "@마당이 이제요")
        await answer(scene.server, scene.channel, "이제요")
        assert bot.backend.asked == ["이야기 해 줘", "저는요", "이제요"]
        assert count(scene) == 4


async def test_it_is_told_as_the_server_wants(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        options, place = bot.yard.conversations.options, guild_place(scene.guild.id)
        await options.set(place, "errors", "reaction")
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        asked: Message = scene.mina.says(scene.channel, "@마당이 둘")
        await scene.channel.finds(lambda message: message is asked and "⏳" in message.reactions)
        assert count(scene) == 1


async def test_commands_menus_and_buttons_count_and_tell_who_pressed(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, options="person_per_minute = 2")
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        said = scene.mina.says(scene.channel, "@마당이 하나")
        found = await ended(scene, "하나")
        pressed = await scene.mina.clicks(found, "다시")
        assert not pressed.failed
        await scene.channel.finds(lambda m: m is found and "◀" in m.buttons)
        for refused in (
            await scene.mina.clicks(found, "다시"),
            await scene.mina.slash(scene.channel, "retry"),
            await scene.mina.slash(scene.channel, "chat", text="둘"),
            await scene.mina.uses_menu("페르소나에게 물어보기", said, scene.channel),
        ):
            assert "1분에 2번까지" in (await told(refused)).content
        info = await scene.mina.slash(scene.channel, "persona info", persona="owl")
        refused = await scene.mina.clicks(await info.shows(), "뭐 해?")
        assert "1분에 2번까지" in (await told(refused)).content
        assert bot.backend.asked == ["하나", "하나"]
        assert count(scene) == 1


async def test_going_on_counts(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        found = await answer(scene.server, scene.channel, BEGUN)
        await scene.mina.clicks(found, "멈춤")
        await scene.channel.finds(lambda m: m is found and "이어서" in m.buttons)
        refused = await scene.mina.clicks(found, "이어서")
        assert "1분에 1번까지" in (await told(refused)).content
        assert bot.backend.asked == ["이야기"]


async def test_an_edit_that_is_answered_anew_counts(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_per_minute = 2")
    async with at_work(profile, scene.server) as bot:
        first = scene.mina.says(scene.channel, "@마당이 하나")
        found = await ended(scene, "하나")
        second = scene.mina.says(scene.channel, "둘", reply_to=found)
        last = await ended(scene, "둘")
        # Nobody answers an older question anew: only what is remembered of it changes.
        scene.mina.edits(first, "@마당이 하나 반")
        scene.mina.edits(second, "둘 반")
        await scene.channel.finds(lambda message: "1분에 2번까지" in message.content)
        scene.boram.says(scene.channel, "셋", reply_to=last)
        await ended(scene, "셋")
        assert len(bot.backend.asked) == 3
        assert bot.heard() == ["미나: 하나 반", "하나", "미나: 둘", "둘", "보람: 셋"]


async def told(asked: Interaction) -> Message:
    """Return what only whoever asked or pressed is told."""
    if asked.kind is Asked.COMPONENT and asked.original is asked.message:
        return await privately(asked)
    found = asked.followups[0] if asked.followups else await asked.shows()
    assert found.only_for is asked.person
    return found


async def ended(scene: Scene, text: str) -> Message:
    return await scene.channel.finds(
        lambda m: m.author is scene.server.bot and m.content.endswith(text) and "다시" in m.buttons
    )


def test_a_rate_forgets_after_a_minute() -> None:
    rate = Rate()
    rate.times.extend([10.0, 20.0])
    assert rate.wait(30.0, 2) == 10.0 + MINUTE - 30.0
    assert rate.wait(30.0, 0) == 0.0
    assert rate.wait(70.0, 2) == 0.0


async def test_what_is_sent_in_one_go_is_one_question(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, burst=10.0, options="person_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 하나")
        scene.mina.says(scene.channel, "둘")
        await until_waiting(bot, "하나", "둘")
        await all_asked(bot)
        assert bot.heard() == ["하나\n둘"]


async def test_questions_at_the_same_moment_are_not_more_at_once(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, burst=10.0, options="person_at_once = 1")
    async with at_work(profile, scene.server) as bot:
        for number in range(3):
            scene.mina.says(scene.channel, f"@마당이 이야기 {number}")
        await until_waiting(bot, *(f"이야기 {number}" for number in range(3)))
        bot.backend.go.set()
        await all_asked(bot)
        assert len(bot.backend.asked) == 1
        told = [
            message for message in scene.channel.shown() if "한꺼번에 1개까지" in message.content
        ]
        assert len(told) == 1
        scene.mina.says(scene.channel, "@마당이 이제요")
        await until_waiting(bot, "이제요")
        await all_asked(bot)
        assert bot.backend.asked[1:] == ["이제요"]


async def test_a_question_may_be_edited_while_it_is_answered(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_at_once = 1")
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 이야기")
        found = await answer(scene.server, scene.channel, BEGUN)
        scene.mina.edits(asked, "@마당이 하나")
        assert await answer(scene.server, scene.channel, "하나") is found
        await bot.yard.conversations.settled()
        assert count(scene) == 1


async def test_limits_of_a_server_do_not_hold_in_direct_messages(
    scene: Scene, tmp_path: Path
) -> None:
    options = "server_per_minute = 1\nserver_at_once = 1\nperson_at_once = 0"
    async with at_work(build(tmp_path, options=options), scene.server) as bot:
        scene.mina.says(scene.mina.dm, "이야기")
        await answer(scene.server, scene.mina.dm, BEGUN)
        scene.mina.says(scene.mina.dm, "둘")
        await until_said(bot, dm_place(scene.mina.dm.id), "둘")
        bot.backend.go.set()
        await answer(scene.server, scene.mina.dm, "둘")
