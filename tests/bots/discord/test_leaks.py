"""Nothing of one place is seen in another, and nobody is spoken to who did not ask."""

from pathlib import Path

from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes, ended, until_said
from tests.bots.discord.world import answer, at_work, count

from madang.testing.discord import Person
from madang.testing.discord.refusals import Json
from madang.testing.discord.state import posting
from madang.testing.discord.state.messages import Message, reference_to
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang_discord.places import author_of, thread_place

FORWARD = 1


class Referring(Message):
    """Be a message that refers to another one without being a reply to it."""

    def _optional(self, bot: User, *, readable: bool, outer: bool) -> Json:
        body = super()._optional(bot, readable=readable, outer=outer)
        body.pop("referenced_message", None)
        return body


def refers(
    scene: Scene, person: Person, message: Message, place: Place, *, text: str = "", kind: int = 0
) -> Message:
    """Forward a message, or publish it from an announcement channel, which looks like a reply."""
    world = scene.server.world
    referring = Referring(
        id=world.ids.make(),
        place=place,
        author=person.user,
        at=world.clock.now(),
        content=text,
        reference={**reference_to(message), "type": kind},
    )
    return posting.show(world, referring)


async def tell_secret(scene: Scene, secret: Place) -> Message:
    """Have a conversation in another channel, and return the last answer in it."""
    scene.mina.says(secret, "@마당이 보너스는 오백")
    first = await ended(scene, secret, "보너스는 오백")
    scene.mina.says(secret, "점심은 국수", reply_to=first)
    return await ended(scene, secret, "점심은 국수")


async def test_a_forwarded_answer_does_not_bring_its_conversation_along(
    scene: Scene, profile: Path
) -> None:
    secret = scene.server.channel(scene.guild, "임원")
    async with at_work(profile, scene.server) as bot:
        last = await tell_secret(scene, secret)
        forward = refers(scene, scene.mina, last, scene.channel, kind=FORWARD)
        scene.boram.says(scene.channel, "@마당이 무슨 얘기야?", reply_to=forward)
        await ended(scene, scene.channel, "무슨 얘기야?")
        assert bot.heard() == ["무슨 얘기야?"]


async def test_what_was_published_elsewhere_does_not_bring_its_conversation_along(
    scene: Scene, profile: Path
) -> None:
    secret = scene.server.channel(scene.guild, "임원")
    async with at_work(profile, scene.server) as bot:
        last = await tell_secret(scene, secret)
        published = refers(scene, scene.mina, last, scene.channel, text="점심은 국수")
        scene.boram.says(scene.channel, "@마당이 무슨 얘기야?", reply_to=published)
        await ended(scene, scene.channel, "무슨 얘기야?")
        assert bot.heard() == ["미나: 점심은 국수\n보람: 무슨 얘기야?"]


async def test_a_forwarded_answer_is_no_question(scene: Scene, profile: Path) -> None:
    other = scene.server.channel(scene.guild, "다른 곳")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(other, "@마당이 하나")
        first = await ended(scene, other, "하나")
        refers(scene, scene.mina, first, scene.channel, kind=FORWARD)
        refers(scene, scene.mina, first, scene.channel, text="하나")
        scene.mina.says(scene.channel, "@마당이 끝")
        await ended(scene, scene.channel, "끝")
        await bot.yard.conversations.settled()
        assert count(scene) == 1
        assert bot.backend.asked == ["하나", "끝"]


async def test_a_thread_is_not_answered_in_by_who_replies_in_the_channel(
    scene: Scene, profile: Path
) -> None:
    start = scene.boram.says(scene.channel, "금리가 뭐야?")
    thread = scene.mina.opens_thread(scene.channel, "금리", start=start)
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(thread, "@마당이 하나")
        await ended(scene, thread, "하나")
        scene.mina.says(scene.channel, "@마당이 맞아?", reply_to=start)
        await ended(scene, scene.channel, "맞아?")
        assert bot.heard() == ["보람: 금리가 뭐야?\n미나: 맞아?"]


async def test_a_reset_chain_is_begun_anew(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await scene.server.requests.seen("PUT", "/commands")
        scene.mina.says(scene.channel, "@마당이 하나")
        first = await ended(scene, scene.channel, "하나")
        scene.mina.says(scene.channel, "둘", reply_to=first)
        second = await ended(scene, scene.channel, "둘")
        await bot.yard.conversations.settled()
        done = await scene.mina.slash(scene.channel, "reset")
        await done.shows(lambda message: "새로 시작" in message.content)
        scene.mina.says(scene.channel, "셋", reply_to=second)
        third = await ended(scene, scene.channel, "셋")
        assert bot.heard() == ["셋"]
        scene.mina.says(scene.channel, "넷", reply_to=third)
        await ended(scene, scene.channel, "넷")
        assert bot.heard() == ["셋", "셋", "넷"]


async def test_what_was_forgotten_is_not_heard_again_after_a_restart(
    scene: Scene, profile: Path
) -> None:
    boram = author_of(scene.boram.user.id, "").id
    thread = scene.mina.opens_thread(scene.channel, "방")
    place = thread_place(scene.guild.id, scene.channel.id, thread.id)
    async with at_work(profile, scene.server) as bot:
        await scene.server.requests.seen("PUT", "/commands")
        scene.mina.says(thread, "@마당이 하나")
        await answer(scene.server, thread, "하나")
        scene.boram.says(thread, "@미나 비밀이야")
        await until_said(bot, place, "@미나 비밀이야")
        forget = await scene.boram.slash(scene.channel, "forget")
        await scene.boram.clicks(await forget.shows(), "모두 지우기")
        await forget.shows(lambda message: "모두 지웠어요" in message.content)
    scene.boram.says(thread, "@미나 새로운 말")
    async with at_work(profile, scene.server) as bot:
        await until_said(bot, place, "@미나 새로운 말")
        kept = (await bot.yard.conversations.everything(boram)).turns
        assert [turn.raw for turn in kept] == ["@미나 새로운 말"]


async def test_a_thread_that_was_deleted_while_away_takes_its_data_along(
    scene: Scene, profile: Path
) -> None:
    gone = scene.mina.opens_thread(scene.channel, "지울 방")
    archived = scene.mina.opens_thread(scene.channel, "남길 방")
    keys = [thread_place(scene.guild.id, scene.channel.id, t.id) for t in (gone, archived)]
    async with at_work(profile, scene.server) as bot:
        for thread in (gone, archived):
            scene.mina.says(thread, "@마당이 비밀")
            await ended(scene, thread, "비밀")
        await bot.yard.conversations.settled()
    scene.server.moderator.removes_channel(gone)
    scene.mina.archives(archived)
    async with at_work(profile, scene.server) as bot:

        async def deleted() -> bool:
            return keys[0] not in await bot.yard.store.places("discord")

        await comes(deleted)
        await scene.server.requests.seen("GET", f"/channels/{archived.id}")
        assert keys[1] in await bot.yard.store.places("discord")
