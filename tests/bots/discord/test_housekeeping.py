"""What happens to the data of servers that removed the bot, and of channels that were deleted."""

from pathlib import Path

from msgspec import UNSET
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes
from tests.bots.discord.world import Bot, answer, at_work, build

from madang.contract import Place
from madang.testing.discord.server import INVITED
from madang_discord import housekeeping
from madang_discord.housekeeping import MEMBER, Housekeeping
from madang_discord.places import BOT, guild_place


def keeper(bot: Bot) -> Housekeeping:
    return next(each for each in bot.talk.features if isinstance(each, Housekeeping))


async def kept(bot: Bot) -> set[Place]:
    return set(await bot.yard.store.places(BOT.key))


async def until(scene: Scene, bot: Bot, *, left: bool) -> None:
    """Wait until the bot has noted that it was removed, or is back."""
    options, place = bot.yard.conversations.options, guild_place(scene.guild.id)

    async def noted() -> bool:
        await options.refresh()
        return (options.said(place).left is not UNSET) is left

    await comes(noted)


async def until_member(scene: Scene, bot: Bot) -> None:
    """Wait until the bot has noted that it is a member."""

    async def noted() -> bool:
        return f"{MEMBER}{scene.guild.id}" in await bot.yard.store.kept(BOT.key)

    await comes(noted)


async def until_gone(bot: Bot, part: str = "") -> None:
    """Wait until no place is kept whose key holds a part."""

    async def gone() -> bool:
        return not any(part in place.key for place in await kept(bot))

    await comes(gone)


async def asked(scene: Scene, text: str = "하나") -> None:
    scene.mina.says(scene.channel, f"@마당이 {text}")
    await answer(scene.server, scene.channel, text)


async def test_a_server_that_invites_the_bot_back_in_time_loses_nothing(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        before = await kept(bot)
        scene.server.moderator.kicks_bot(scene.guild)
        await until(scene, bot, left=True)
        await keeper(bot).tidy()
        assert await kept(bot) == before
        scene.server.moderator.invites_bot(scene.guild, *INVITED)
        await until(scene, bot, left=False)
        assert await kept(bot) == before
        await asked(scene, "다시 왔네")


async def test_what_is_left_is_deleted_after_the_grace(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="left_days = 2")
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        options, place = bot.yard.conversations.options, guild_place(scene.guild.id)
        scene.server.moderator.kicks_bot(scene.guild)
        await until(scene, bot, left=True)
        left = options.said(place).left
        assert isinstance(left, float)
        await options.set(place, "left", left - 2 * housekeeping.DAY)
        await keeper(bot).tidy()
        assert await kept(bot) == set()
        assert options.below(place) == {}


async def test_a_removal_while_the_bot_was_away_is_found_out(scene: Scene, profile: Path) -> None:
    place = guild_place(scene.guild.id)
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        await bot.yard.conversations.settled()
        await until_member(scene, bot)
        before = await kept(bot)
        assert before
    scene.server.moderator.kicks_bot(scene.guild)
    async with at_work(profile, scene.server) as bot:
        await until(scene, bot, left=True)
        assert isinstance(bot.yard.conversations.options.said(place).left, float)
        assert await kept(bot) == before
    scene.server.moderator.invites_bot(scene.guild, *INVITED)
    async with at_work(profile, scene.server) as bot:
        await until(scene, bot, left=False)
        assert bot.yard.conversations.options.said(place).left is UNSET
        assert await kept(bot) == before


async def test_what_is_asked_where_the_bot_was_never_a_member_is_kept(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, options="left_days = 0")
    away = scene.server.world.add_guild("남의 집", "ko")
    channel = scene.server.channel(away, "잡담")
    scene.server.moderator.adds_member(away, scene.mina.user)
    scene.server.installs(scene.mina)
    async with at_work(profile, scene.server) as bot:
        await scene.server.requests.seen("PUT", "/commands")
        done = await scene.mina.slash(channel, "chat", text="안녕")
        await done.shows(lambda message: message.content == "안녕")
        await until_member(scene, bot)
        before = await kept(bot)
    scene.server.moderator.kicks_bot(scene.guild)
    async with at_work(profile, scene.server) as bot:
        await until_gone(bot, str(scene.guild.id))
        await keeper(bot).tidy()
        assert await kept(bot) == before
        assert bot.yard.conversations.options.said(guild_place(away.id)).left is UNSET


async def test_a_note_of_a_server_goes_with_its_data(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="left_days = 0")
    async with at_work(profile, scene.server) as bot:
        await until_member(scene, bot)
        scene.server.moderator.kicks_bot(scene.guild)

        async def gone() -> bool:
            return not await bot.yard.store.kept(BOT.key, MEMBER)

        await comes(gone)


async def test_a_deleted_channel_takes_its_data_along(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        assert len(await kept(bot)) == 1
        scene.server.moderator.removes_channel(scene.channel)
        await until_gone(bot)
        assert await kept(bot) == set()


async def test_a_channel_deleted_while_the_bot_was_away(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        assert len(await kept(bot)) == 1
    scene.server.moderator.removes_channel(scene.channel)
    async with at_work(profile, scene.server) as bot:
        await until_gone(bot)
        assert await kept(bot) == set()


async def test_a_deleted_thread_takes_its_data_along(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        thread = scene.mina.opens_thread(scene.channel, "이야기방")
        scene.mina.says(thread, "@마당이 둘")
        await answer(scene.server, thread, "둘")
        await asked(scene)
        scene.server.moderator.removes_channel(thread)
        await until_gone(bot, str(thread.id))
        assert len(await kept(bot)) == 1


async def test_a_channel_that_is_only_hidden_is_kept(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await asked(scene)
        before = await kept(bot)
        client = bot.talk.client
        assert client is not None
        scene.server.moderator.sets(scene.channel, scene.server.bot, deny=("view_channel",))
        await client.wait_for("guild_channel_delete", timeout=5)
        scene.server.moderator.kicks_bot(scene.guild)
        await until(scene, bot, left=True)
        assert await kept(bot) == before
