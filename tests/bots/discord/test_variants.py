"""Several tries at an answer: what must not vanish, and what stands under each."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.bots.discord import world
from tests.bots.discord.backend import Storyteller, long_text
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes, ended
from tests.bots.discord.world import answer, at_work, build, count

from madang.contract import Output, Request, Turn
from madang.errors import ModelNotLoaded
from madang.testing.discord.state.messages import Message
from madang_discord.places import chain_place, guild_place

NOTICE = "\n-# ※ 새의 말이에요."


class Fickle(Storyteller):
    """Answer each time as the next of `tries` says: lines, or -1 for a failure."""

    tries: tuple[int, ...] = ()
    begun = 0

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        lines = self.tries[min(self.begun, len(self.tries) - 1)]
        self.begun += 1
        self.answered.append(request)
        if self.begun > 1:
            self.held.set()
            await self.go.wait()
        if lines < 0:
            raise ModelNotLoaded("broken")
        yield Output(text=long_text(lines))
        yield Output(reason="stop", output_tokens=1)


def fickle(monkeypatch: pytest.MonkeyPatch, *tries: int) -> None:
    """Let the model answer so; every try after the first waits until it may `go`."""
    monkeypatch.setattr(Fickle, "tries", tries)
    monkeypatch.setattr(world, "Storyteller", Fickle)


def shown(scene: Scene) -> list[Message]:
    return [m for m in scene.channel.shown() if m.author is scene.server.bot]


async def variants(scene: Scene, bot: world.Bot, asked: Message) -> list[Turn]:
    place = chain_place(scene.guild.id, scene.channel.id, asked.id)
    return list(await bot.yard.conversations.variants(place))


@pytest.mark.parametrize(("first", "second"), [(200, 1), (200, 201), (1, 200)])
async def test_another_try_keeps_both_and_shows_each(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    fickle(monkeypatch, first, second)
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 시")
        found = await ended(scene, scene.channel, f"{first}번째")
        await bot.yard.conversations.settled()
        await scene.mina.clicks(found, "다시")
        # While it is waited for, one message says so, and the further ones are deleted.
        await scene.channel.finds(lambda message: "💭" in message.content)
        await scene.channel.sees(lambda messages: len(messages) == 2)
        bot.backend.go.set()
        found = await ended(scene, scene.channel, f"{second}번째", "◀")
        await bot.yard.conversations.settled()
        # What the bot itself deleted is heard before this.
        scene.mina.says(scene.channel, "@마당이 끝")
        await bot.yard.conversations.settled()
        assert [len(each.shown.splitlines()) for each in await variants(scene, bot, asked)] == [
            first,
            second,
        ]
        await scene.mina.clicks(found, "◀")
        found = await ended(scene, scene.channel, f"{first}번째", "1/2 ▶")
        await scene.mina.clicks(found, "1/2 ▶")
        await ended(scene, scene.channel, f"{second}번째", "◀")


@pytest.mark.parametrize(("style", "emoji"), [("reaction", ["⚠️"]), ("silent", [])])
async def test_a_failed_try_where_problems_are_not_told_leaves_the_one_before(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch, style: str, emoji: list[str]
) -> None:
    fickle(monkeypatch, 200, -1, 201)
    async with at_work(profile, scene.server) as bot:
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "errors", style)
        asked = scene.mina.says(scene.channel, "@마당이 시")
        found = await ended(scene, scene.channel, "200번째")
        await bot.yard.conversations.settled()
        before = len(shown(scene))
        await scene.mina.clicks(found, "다시")
        await scene.channel.finds(lambda message: "💭" in message.content)
        await scene.channel.sees(lambda messages: len(messages) == 2)
        bot.backend.go.set()
        found = await ended(scene, scene.channel, "200번째")
        await bot.yard.conversations.settled()
        assert len(shown(scene)) == before
        assert "\n".join(message.content for message in shown(scene)) == long_text(200)
        assert list(asked.reactions) == emoji
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)
        assert await bot.shown(place) == ["시", long_text(200)]
        # It is the history and has its messages again: a reply goes on with it.
        scene.mina.says(scene.channel, "더", reply_to=shown(scene)[0])
        await ended(scene, scene.channel, "201번째")
        assert bot.heard() == ["시", long_text(200), "더"]


async def test_a_failed_try_says_so_where_problems_are_told(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fickle(monkeypatch, 1, -1)
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 시")
        found = await ended(scene, scene.channel, "1번째")
        await bot.yard.conversations.settled()
        bot.backend.go.set()
        await scene.mina.clicks(found, "다시")
        failed = await ended(scene, scene.channel, "불러오지 못했어요", "◀")
        await bot.yard.conversations.settled()
        await scene.mina.clicks(failed, "◀")
        await ended(scene, scene.channel, "1번째", "1/2 ▶")


async def test_a_notice_stays_under_every_try(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path, notice="새의 말이에요."), scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        found = await ended(scene, scene.channel, f"하나{NOTICE}")
        await bot.yard.conversations.settled()
        await scene.mina.clicks(found, "다시")
        found = await ended(scene, scene.channel, f"하나{NOTICE}", "◀")
        await bot.yard.conversations.settled()
        await scene.mina.clicks(found, "◀")
        await ended(scene, scene.channel, f"하나{NOTICE}", "1/2 ▶")
        await bot.yard.conversations.settled()
        scene.mina.edits(asked, "@마당이 둘")
        await ended(scene, scene.channel, f"둘{NOTICE}")


async def test_a_failure_does_not_use_up_the_notice(scene: Scene, tmp_path: Path) -> None:
    async with at_work(build(tmp_path, notice="새의 말이에요."), scene.server) as bot:
        scene.mina.says(scene.mina.dm, "고장")
        await ended(scene, scene.mina.dm, "불러오지 못했어요")
        await bot.yard.conversations.settled()
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, f"하나{NOTICE}")


async def test_a_message_that_was_deleted_while_away_does_not_block_another_try(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await scene.server.requests.seen("PUT", "/commands")
        asked = scene.mina.says(scene.channel, "@마당이 하나")
        found = await ended(scene, scene.channel, "하나")
        await bot.yard.conversations.settled()
    scene.mina.deletes(found)
    async with at_work(profile, scene.server) as bot:
        retried = await scene.mina.slash(scene.channel, "retry")
        await retried.shows()
        found = await ended(scene, scene.channel, "하나", "◀")
        await bot.yard.conversations.settled()
        assert count(scene) == 1
        scene.mina.edits(asked, "@마당이 둘")
        assert await ended(scene, scene.channel, "둘") is found
        await bot.yard.conversations.settled()
        # One that was deleted before the bot's eyes is not written anew.
        scene.mina.deletes(found)
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)

        async def gone() -> bool:
            return await bot.shown(place) == ["둘"]

        await comes(gone)
        assert count(scene) == 0


async def test_an_answer_of_white_space_says_that_it_is_empty(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blank(Storyteller):
        async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
            yield Output(text="\n \n")
            yield Output(reason="stop", output_tokens=1)

    monkeypatch.setattr(world, "Storyteller", Blank)
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 안녕")
        found = await ended(scene, scene.channel, "빈 답")
        assert found.content == "-# (빈 답이에요)"
