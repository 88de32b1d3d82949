"""Jobs that make questions: cancelled, cut off, begun again, and a few at a time."""

from pathlib import Path

import pytest
from discord import ui
from msgspec import structs
from tests.bots.discord import world
from tests.bots.discord.backend import ENDED
from tests.bots.discord.commanding import with_commands
from tests.bots.discord.conftest import Scene
from tests.bots.discord.making import BOOK, BOTH, TALE, PairMaker, has_file, rows, with_maker
from tests.bots.discord.patience import comes
from tests.bots.discord.test_restarting import process
from tests.bots.discord.world import Bot, at_work, count

from madang.testing.discord.state.messages import Message
from madang_discord.generate_commands import add_to
from madang_discord.jobs import Cancel, Jobs
from madang_discord.kept import Kept
from madang_discord.orders import Order, Orders
from madang_discord.places import BOT, author_of, channel_place


async def test_a_job_is_cancelled_by_who_asked_alone(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=TALE, samples=1)
        working = await done.shows(lambda message: "그만두기" in message.buttons)
        await bot.backend.held.wait()
        again = await scene.mina.slash(scene.channel, "generate", file=TALE)
        assert "아직 문제를 만들고" in again.text
        assert again.original is not None
        assert again.original.only_for is scene.mina.user
        refused = await scene.boram.clicks(working, "그만두기")
        assert "맡긴 사람과 관리자만" in refused.text
        await scene.mina.clicks(working, "그만두기")
        ended = await done.shows(lambda message: not message.buttons)
        assert ENDED not in ended.text
        assert bot.backend.closed


async def test_a_bot_that_stops_hands_over_what_it_has(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOTH, samples=1)
        await done.shows(lambda message: "1/2" in message.text)
        await bot.backend.held.wait()
    assert done.original is not None
    assert len(rows(done.original)) == 1
    assert "1/2" in done.original.text


async def test_a_job_that_was_killed_is_begun_again(scene: Scene, tmp_path: Path) -> None:
    profile = with_maker(tmp_path)
    async with process(scene, profile) as first:
        await scene.server.requests.seen("PUT", "/commands")
        done = await scene.mina.slash(scene.channel, "generate", file=BOTH, samples=1)
        await done.shows(lambda message: "1/2" in message.text)
        assert done.original is not None
        first.kill()
        await first.wait()
        looked = len(scene.channel.transcript.of(done.original))
    (tmp_path / "gate").touch()
    async with process(scene, profile):
        (row,) = rows(await done.shows(has_file, limit=10))
    seen = [each.content for each in scene.channel.transcript.of(done.original)[looked:]]
    assert row["answer"] == "잎에서 일어난다"
    assert any("끊겨서 처음부터" in text for text in seen) or "2/2" in seen[-1]
    assert count(scene) == 1


def order(scene: Scene, message: Message) -> Order:
    """Return a job that is shown in a message of the bot."""
    shown = Kept(
        key="1",
        message=str(message.id),
        channel=scene.channel.id,
        asker=scene.mina.user.id,
        born=0.0,
    )
    return Order(
        author=author_of(scene.mina.user.id, "미나"),
        place=channel_place(scene.guild.id, scene.channel.id),
        locale="ko",
        samples=1,
        name="옛날.txt",
        data=TALE.data,
        shown=shown,
    )


async def test_a_job_that_is_cut_off_twice_is_given_up(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        message = await told(scene, bot)
        await Orders(bot.yard.store).keep(structs.replace(order(scene, message), again=True))
        await bot.yard.store.keep(BOT.key, "job/2", "{}")
    async with at_work(maker, scene.server) as bot:
        await scene.channel.finds(lambda each: "작업이 끊겼어요" in each.text)
        assert not message.buttons

        async def let_go() -> bool:
            return not await Orders(bot.yard.store).kept()

        await comes(let_go)
        assert bot.backend.asked == []


async def test_a_job_that_cannot_be_done_again_says_why(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        message = await told(scene, bot)
        await Orders(bot.yard.store).keep(structs.replace(order(scene, message), data=b"PK\x03"))
    async with at_work(maker, scene.server):
        await scene.channel.finds(lambda each: "읽지 못했어요" in each.text)
        assert not message.buttons


async def told(scene: Scene, bot: Bot) -> Message:
    """Have the bot say something with a button that cancels."""
    view = ui.View(timeout=None)
    view.add_item(Cancel("before"))
    client = bot.talk.client
    assert client is not None
    await client.get_partial_messageable(scene.channel.id).send("문제", view=view)
    return await scene.channel.finds(lambda each: each.buttons)


@pytest.mark.parametrize("limit", ["server_jobs", "jobs"])
async def test_who_finds_it_full_is_told_privately(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(world, "Storyteller", PairMaker)
    async with at_work(with_maker(tmp_path, f"{limit} = 1"), scene.server) as bot:
        await with_commands(bot, add_to)
        await scene.mina.slash(scene.channel, "generate", file=TALE, samples=1)
        await bot.backend.held.wait()
        full = await scene.boram.slash(scene.channel, "generate", file=BOOK)
        assert "작업이 많아요" in full.text
        assert full.original is not None
        assert full.original.only_for is scene.boram.user


async def test_a_job_whose_message_is_deleted_hands_over_what_it_has(
    scene: Scene, maker: Path
) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOTH, samples=1)
        working = await done.shows(lambda message: "1/2" in message.text)
        await bot.backend.held.wait()
        scene.boram.deletes(working)
        bot.backend.go.set()
        assert len(rows(await scene.mina.dm.finds(has_file))) == 1
        assert count(scene) == 0


async def test_a_job_whose_message_is_deleted_before_anything_was_made_ends(
    scene: Scene, maker: Path
) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=TALE, samples=1)
        working = await done.shows(lambda message: message.buttons)
        await bot.backend.held.wait()
        scene.boram.deletes(working)
        (job,) = Jobs.of(bot.talk).running.values()
        bot.backend.go.set()
        await job.over.wait()
        assert count(scene) == 0
        assert count(scene, scene.mina.dm) == 0


async def test_the_end_of_a_job_survives_a_new_connection(scene: Scene, maker: Path) -> None:
    gateway = scene.server.gateway
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOTH, samples=1)
        await done.shows(lambda message: "1/2" in message.text)
        await bot.backend.held.wait()
        gateway.garble()
        await gateway.began(identified=2)
        fault = scene.server.faults.drops("PATCH", "/channels/*/messages/*", times=2)
        bot.backend.go.set()
        assert len(rows(await done.shows(has_file))) == 1
        assert fault.hits == 2


async def test_the_button_of_a_job_that_is_over_says_so(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        pressed = await scene.mina.clicks(await told(scene, bot), "Cancel")
        assert "이미 끝났어요" in pressed.text
