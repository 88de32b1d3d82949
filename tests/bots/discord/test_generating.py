"""Questions from a document or a message, as whoever asks sees it."""

from pathlib import Path

import aiohttp
import discord
import pytest
from tests.bots.discord import world
from tests.bots.discord.commanding import privately, taken_back, with_commands
from tests.bots.discord.conftest import Scene
from tests.bots.discord.making import BOOK, BOTH, LEAF, PairMaker, has_file, rows, with_maker
from tests.bots.discord.world import at_work, count

from madang.testing.discord import Upload
from madang_discord.generate_commands import add_to
from madang_discord.orders import Orders
from madang_discord.rest import ATTEMPTS


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


@pytest.mark.parametrize("cuts", [2, 3])
async def test_a_file_whose_connection_is_cut_is_fetched_again(
    scene: Scene, maker: Path, monkeypatch: pytest.MonkeyPatch, cuts: int
) -> None:
    read, left = discord.Attachment.read, iter(range(cuts))

    async def cut(file: discord.Attachment) -> bytes:
        for _ in left:
            raise aiohttp.ClientConnectionError("cut")
        return await read(file)

    monkeypatch.setattr(discord.Attachment, "read", cut)
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        done = await scene.mina.slash(scene.channel, "generate", file=BOOK, samples=1)
        if cuts < ATTEMPTS:
            assert len(rows(await done.shows(has_file))) == 1
        else:
            assert "받아 오지 못했어요" in (await privately(done)).content
            await taken_back(done)


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
