"""Questions from a document or a message, as whoever asks sees it."""

import json
from pathlib import Path

import pytest
from discord import ui
from msgspec import structs
from tests.bots.discord import world
from tests.bots.discord.backend import ENDED, Storyteller
from tests.bots.discord.commanding import with_commands
from tests.bots.discord.conftest import Scene
from tests.bots.discord.test_housekeeping import comes
from tests.bots.discord.test_restarting import process
from tests.bots.discord.world import Bot, at_work, build, count

from madang.contract import Request
from madang.testing import Answer
from madang.testing.discord import Upload
from madang.testing.discord.state.messages import Message
from madang_discord.generate_commands import add_to
from madang_discord.generating import generating_of
from madang_discord.jobs import Cancel
from madang_discord.kept import Kept
from madang_discord.orders import Order, Orders
from madang_discord.places import BOT, author_of, channel_place

PAIR = "[[Q]] 광합성은 어디에서 일어나? [[A]] 잎에서 일어난다"
LEAF = "잎은 광합성이 일어나는 곳이다. " * 4
BOOK = Upload(name="책.md", data=f"# 잎\n\n{LEAF}".encode())
BOTH = Upload(name="책.md", data=f"# 잎\n\n{LEAF}\n\n# 옛날\n\n이야기 {LEAF}".encode())
TALE = Upload(name="옛날.txt", data=f"이야기 하나를 읽어 주세요. {LEAF}".encode())


class PairMaker(Storyteller):
    """Make a pair of whatever is read, and tell a story as it does for people."""

    def answer(self, request: Request) -> Answer:
        told = super().answer(request)
        return told if "이야기" in told.text else Answer(PAIR)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(world, "Storyteller", PairMaker)
    return with_maker(tmp_path)


def with_maker(folder: Path, options: str = "") -> Path:
    """Let the persona be found that makes pairs; the model is one that does, in any process."""
    profile = build(folder, options=options)
    profile.write_text(profile.read_text("utf-8").replace('"qa_generator", ', ""), "utf-8")
    plugin = folder / "plugins" / "held.py"
    other = "tests.bots.discord.test_generating import PairMaker as Storyteller"
    text = plugin.read_text("utf-8")
    plugin.write_text(text.replace("tests.bots.discord.backend import Storyteller", other), "utf-8")
    return profile


def has_file(message: Message) -> bool:
    return bool(message.attachments)


def rows(message: Message) -> list[dict[str, object]]:
    (file,) = message.attachments
    return [json.loads(line) for line in file.text.splitlines()]


async def test_a_document_becomes_a_file_of_questions(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOOK, samples=1)
        shown = await done.shows(has_file)
        (row,) = rows(shown)
        assert row["question"] == "광합성은 어디에서 일어나?"
        assert row["source"] == {"file": "책.md", "heading": "잎", "offset": 0}
        assert shown.buttons == []


async def test_questions_are_made_of_a_message(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        said = scene.boram.says(scene.channel, LEAF)
        done = await scene.mina.uses_menu("Make questions from this", said, scene.channel)
        (row,) = rows(await done.shows(has_file))
        assert row["answer"] == "잎에서 일어난다"


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


async def test_who_asks_too_often_is_told_privately(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "Storyteller", PairMaker)
    async with at_work(with_maker(tmp_path, "person_per_minute = 1"), scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOOK, samples=1)
        await done.shows(has_file)
        said = scene.boram.says(scene.channel, LEAF)
        over = await scene.mina.uses_menu("Make questions from this", said, scene.channel)
        assert over.original is not None
        assert over.original.only_for is scene.mina.user
        assert count(scene) == 1


async def test_a_job_whose_message_is_deleted_ends(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOTH, samples=3)
        working = await done.shows(lambda message: "/6" in message.text)
        await bot.backend.held.wait()
        scene.boram.deletes(working)
        jobs = generating_of(bot.talk).jobs
        bot.backend.go.set()
        for job in list(jobs.values()):
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


async def test_a_file_that_is_too_large_is_told(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        scene.server.faults.fails(
            "PATCH", "/channels/*/messages/*", status=413, where=lambda body: body["attachments"]
        )
        done = await scene.mina.slash(scene.channel, "generate", file=BOOK, samples=1)
        shown = await done.shows(lambda message: "너무 커서" in message.text)
        assert shown.attachments == []


async def test_where_no_file_may_be_sent_it_comes_privately(scene: Scene, maker: Path) -> None:
    scene.server.moderator.sets(scene.channel, scene.server.bot, deny=("attach_files",))
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOOK, samples=1)
        sent = await scene.mina.dm.finds(lambda message: message.attachments)
        shown = await done.shows(lambda message: not message.buttons)
        assert shown.content == sent.content


async def test_where_the_bot_is_no_member_a_late_end_comes_privately(
    scene: Scene, maker: Path
) -> None:
    away = scene.server.world.add_guild("남의 집", "ko")
    channel = scene.server.channel(away, "잡담")
    scene.server.moderator.adds_member(away, scene.mina.user)
    scene.server.installs(scene.mina)
    async with at_work(maker, scene.server) as bot:
        await scene.server.requests.seen("PUT", "/commands")
        done = await scene.mina.slash(channel, "generate", file=BOTH, samples=1)
        await done.shows(lambda message: "1/2" in message.text)
        await bot.backend.held.wait()
        scene.server.clock.advance(900)
        bot.backend.go.set()
        sent = await scene.mina.dm.finds(lambda message: message.attachments)
        assert len(rows(sent)) == 1


async def test_the_button_of_a_job_that_is_over_says_so(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        pressed = await scene.mina.clicks(await told(scene, bot), "Cancel")
        assert "이미 끝났어요" in pressed.text


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (Upload(name="책.zip", data=b"PK"), ".txt, .md, .pdf"),
        (Upload(name="큰 책.txt", data=b"-", size=9 << 20), "너무 커요"),
    ],
)
async def test_what_cannot_be_read_is_refused_before_it_is_fetched(
    scene: Scene, maker: Path, file: Upload, words: str
) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=file)
        assert words in done.text
        assert done.original is not None
        assert done.original.only_for is scene.mina.user
        assert all(each.downloads == 0 for each in scene.server.world.attachments.values())


async def test_an_archive_named_as_text_is_told_apart(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        file = Upload(name="책.txt", data=b"PK\x03\x04" + bytes(200))
        await scene.mina.slash(scene.channel, "generate", file=file)
        await scene.channel.transcript.bell.until(
            lambda: "읽지 못했어요" in str(scene.channel.transcript), limit=5, tell=str
        )
        assert count(scene) == 0
        assert [each.to for each in scene.channel.transcript.versions][-1] == "미나"
        assert not await Orders(bot.yard.store).kept()
