"""How much one person and one server may ask, and how they are told."""

from pathlib import Path

from tests.bots.discord.backend import BEGUN, ENDED
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work, build, count

from madang.testing.discord.state.messages import Message
from madang_discord.limits import MINUTE, Limits, Rate
from madang_discord.places import author_of, channel_place, guild_place


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


async def test_a_command_can_ask_for_the_limit(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="person_per_minute = 1")
    async with at_work(profile, scene.server) as bot:
        limits = next(each for each in bot.talk.features if isinstance(each, Limits))
        place = channel_place(scene.guild.id, scene.channel.id)
        mina = author_of(scene.mina.user.id, "미나")
        assert await limits.reached(place, mina) is None
        excess = await limits.reached(place, mina)
        assert excess is not None
        assert "60초 뒤" in limits.words(place, mina, excess)


def test_a_rate_forgets_after_a_minute() -> None:
    rate = Rate()
    rate.times.extend([10.0, 20.0])
    assert rate.wait(30.0, 2) == 10.0 + MINUTE - 30.0
    assert rate.wait(30.0, 0) == 0.0
    assert rate.wait(70.0, 2) == 0.0
