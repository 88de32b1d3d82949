"""What was said, handed over to its people or deleted."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import answer, at_work

from madang.contract import Author, Turn
from madang.conversation import export_json
from madang.testing.discord import Person, Rules, open_discord
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang_discord.packing import Packed, TooLarge, _packed
from madang_discord.places import author_of, dm_place, guild_place

LIMIT = 4000


@pytest_asyncio.fixture
async def narrow() -> AsyncIterator[Scene]:
    """Take files of a few thousand bytes, and no larger."""
    async with open_discord(replace(Rules().scaled(0.02), attachment_size=LIMIT)) as server:
        guild = server.guild("마당")
        yield Scene(
            server=server,
            guild=guild,
            channel=server.channel(guild, "잡담"),
            mina=server.person("미나", guild),
            boram=server.person("보람", guild),
        )


async def handed_over(asked: Interaction) -> list[Message]:
    """Wait for as many messages with a file as the first says that there are."""
    first = await asked.shows(lambda message: message.attachments)
    most = int(first.content.rpartition("/")[2].rstrip(")")) if "(1/" in first.content else 1
    await asked.place.transcript.bell.until(
        lambda: len(asked.followups) == most - 1, limit=10.0, tell=str
    )
    return [first, *asked.followups]


def unpacked(message: Message) -> str:
    (file,) = message.attachments
    assert len(file.data) <= LIMIT
    if not file.name.endswith(".zip"):
        return file.text
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        (name,) = archive.namelist()
        assert f"{name}.zip" == file.name
        return archive.read(name).decode()


async def test_whatever_is_too_large_comes_in_several_files(narrow: Scene, profile: Path) -> None:
    async with at_work(profile, narrow.server) as bot:
        await published(narrow.server)
        texts = [
            "".join(chr(0xAC00 + (at * 997 + number * 31) % 11172) for at in range(900))
            for number in range(6)
        ]
        for number, text in enumerate(texts):
            narrow.mina.says(narrow.mina.dm, f"{number} {text}")
            await answer(narrow.server, narrow.mina.dm, f"{number} {text}")
        await bot.yard.conversations.settled()
        exported = [
            unpacked(each)
            for each in await handed_over(await narrow.mina.slash(narrow.mina.dm, "export"))
        ]
        assert len(exported) > 1
        turns = [turn for part in exported for turn in json.loads(part)["turns"]]
        asked = [turn["raw"] for turn in turns if turn["role"] == "user"]
        assert asked == [f"{number} {text}" for number, text in enumerate(texts)]
        history = await handed_over(await narrow.mina.slash(narrow.mina.dm, "history"))
        assert all(text in "".join(map(unpacked, history)) for text in texts)
        assert {each.only_for for each in history} == {narrow.mina.user}


async def test_what_does_not_arrive_is_said(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        await published(scene.server)
        scene.mina.says(scene.channel, "@마당이 안녕")
        await answer(scene.server, scene.channel, "안녕")
        scene.server.faults.fails("POST", "/webhooks/*", status=413)
        asked = await scene.mina.slash(scene.channel, "export")
        await asked.shows(lambda message: "너무 커서" in message.content)


async def test_what_is_forgotten_is_marked_and_stays_so(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.mina.dm, "비밀이야")
        await answer(scene.server, scene.mina.dm, "비밀이야")
        await forgets(scene.mina, scene.mina.dm)
        own = bot.yard.conversations.options.own(author_of(scene.mina.user.id, "").id)
        assert isinstance(own.forgotten, float)
        assert await bot.shown(dm_place(scene.mina.dm.id)) == []


async def test_what_is_forgotten_is_not_read_back_from_a_thread(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        scene.mina.says(thread, "@마당이 길게 300")
        await thread.finds(lambda message: "300번째 줄이에요." in message.content)
        scene.boram.says(thread, "@마당이 안녕")
        await answer(scene.server, thread, "보람: 안녕")
        await forgets(scene.mina, thread)
        # The rest of it is gone too, so that the thread is read back whole.
        await bot.yard.conversations.end(guild_place(scene.guild.id))
        scene.mina.says(thread, "@마당이 이제 뭐가 남았어?")
        await answer(scene.server, thread, "미나: 이제 뭐가 남았어?")
        assert bot.heard() == ["보람: 안녕", "보람: 안녕", "미나: 이제 뭐가 남았어?"]


async def test_what_is_forgotten_is_not_read_back_from_replies(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.channel, "@마당이 비밀이야")
        secret = await answer(scene.server, scene.channel, "비밀이야")
        scene.boram.says(scene.channel, "저도 있어요", reply_to=secret)
        last = await answer(scene.server, scene.channel, "보람: 저도 있어요")
        await forgets(scene.mina, scene.channel)
        await bot.yard.conversations.end(guild_place(scene.guild.id))
        scene.boram.says(scene.channel, "뭐라고요?", reply_to=last)
        await answer(scene.server, scene.channel, "뭐라고요?")
        assert bot.heard() == ["저도 있어요", "보람: 저도 있어요", "뭐라고요?"]


async def forgets(person: Person, place: Place) -> None:
    asked = await person.slash(place, "forget")
    await person.clicks(await asked.shows(), "모두 지우기")
    await asked.shows(lambda message: "모두 지웠어요" in message.content)


@pytest.mark.parametrize("limit", [200, 10_000])
def test_a_turn_that_is_too_large_alone_is_told_apart(limit: int) -> None:
    turns = [_turn(0, "가나다라마바사" * 3)]
    if limit > 1000:
        assert _packed(turns, export_json, "all.json", limit)[0].name == "all.json"
    else:
        with pytest.raises(TooLarge):
            _packed(turns, export_json, "all.json", limit)


@given(st.lists(st.text(max_size=300), max_size=30), st.integers(600, 6000))
def test_nothing_is_lost_and_nothing_is_too_large(texts: list[str], limit: int) -> None:
    turns = [_turn(number, text) for number, text in enumerate(texts)]
    try:
        files = _packed(turns, _plain, "all.json", limit)
    except TooLarge:
        return
    assert all(len(each.data) <= limit for each in files)
    assert [text for each in files for text in json.loads(_read(each))] == texts
    assert len({each.name for each in files}) == len(files)


def _plain(turns: Sequence[Turn]) -> str:
    return json.dumps([turn.raw for turn in turns])


def _read(file: Packed) -> bytes:
    if not file.name.endswith(".zip"):
        return file.data
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        return archive.read(file.name.removesuffix(".zip"))


def _turn(number: int, text: str) -> Turn:
    return Turn(
        id=str(number),
        parent=None,
        conversation="c",
        role="user",
        author=Author("discord:1", "미나"),
        created=0.0,
        raw=text,
    )
