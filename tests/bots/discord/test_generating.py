"""Questions from a document or a message, as whoever asks sees it."""

import json
from pathlib import Path

import pytest
from discord import ui
from tests.bots.discord import world
from tests.bots.discord.backend import ENDED, Storyteller
from tests.bots.discord.commanding import with_commands
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import at_work, build

from madang.contract import Request
from madang.testing import Answer
from madang.testing.discord import Upload
from madang.testing.discord.state.messages import Message
from madang_discord import progress
from madang_discord.generating import Cancel, add_to

PAIR = "[[Q]] 광합성은 어디에서 일어나? [[A]] 잎에서 일어난다"
LEAF = "잎은 광합성이 일어나는 곳이다. " * 4
BOOK = Upload(name="책.md", data=f"# 잎\n\n{LEAF}".encode())
TALE = Upload(name="옛날.txt", data=f"이야기 하나를 읽어 주세요. {LEAF}".encode())


class PairMaker(Storyteller):
    """Make a pair of whatever is read, and tell a story as it does for people."""

    def answer(self, request: Request) -> Answer:
        told = super().answer(request)
        return told if "이야기" in told.text else Answer(PAIR)


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the persona be found that makes pairs; the model is one that does."""
    monkeypatch.setattr(world, "Storyteller", PairMaker)
    monkeypatch.setattr(progress, "SPACING", 0.01)
    profile = build(tmp_path)
    profile.write_text(profile.read_text("utf-8").replace('"qa_generator", ', ""), "utf-8")
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
        await again.shows(lambda message: "아직 문제를 만들고" in message.text)
        refused = await scene.boram.clicks(working, "그만두기")
        assert "맡긴 사람과 관리자만" in refused.text
        await scene.mina.clicks(working, "그만두기")
        ended = await done.shows(lambda message: not message.buttons)
        assert ENDED not in ended.text
        assert bot.backend.closed


async def test_a_bot_that_stops_hands_over_what_it_has(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        await with_commands(bot, add_to)
        file = Upload(name="책.md", data=f"# 잎\n\n{LEAF}\n\n# 옛날\n\n이야기 {LEAF}".encode())
        done = await scene.mina.slash(scene.channel, "generate", file=file, samples=1)
        await done.shows(lambda message: "1/2" in message.text)
        await bot.backend.held.wait()
    assert done.original is not None
    assert len(rows(done.original)) == 1
    assert "1/2" in done.original.text


async def test_the_button_of_a_job_that_is_over_says_so(scene: Scene, maker: Path) -> None:
    async with at_work(maker, scene.server) as bot:
        view = ui.View(timeout=None)
        view.add_item(Cancel("before"))
        client = bot.talk.client
        assert client is not None
        await client.get_partial_messageable(scene.channel.id).send("문제", view=view)
        message = await scene.channel.finds(lambda each: each.buttons)
        told = await scene.mina.clicks(message, "Cancel")
        assert "이미 끝났어요" in told.text


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
        done = await scene.mina.slash(scene.channel, "generate", file=file)
        shown = await done.shows(lambda message: "읽" in message.text)
        assert shown.attachments == []
