"""Who answers: chosen by commands, shown where nobody was named, and locked by admins."""

from collections.abc import Sequence
from pathlib import Path

from tests.bots.discord.commanding import published
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import Bot, answer, at_work

from madang.contract import Place, Turn
from madang.conversation import Here
from madang.testing.discord import Person
from madang_discord.places import channel_place, dm_place, guild_place


async def turns(bot: Bot, person: Person) -> Sequence[Turn]:
    """Return what somebody said, and the answers."""
    await bot.yard.conversations.settled()
    return await bot.yard.store.everything(f"discord:{person.user.id}")


async def answered_by(bot: Bot, person: Person) -> list[str]:
    """List who gave somebody's answers, the last one last."""
    said = sorted(await turns(bot, person), key=lambda turn: turn.created)
    return [turn.persona for turn in said if turn.role == "persona"]


def more(profile: Path, text: str) -> None:
    """Add to a profile."""
    profile.write_text(f"{profile.read_text('utf-8')}\n{text}\n", "utf-8")


async def test_who_cannot_answer_is_not_chosen(scene: Scene, profile: Path) -> None:
    more(profile, "[personas.owl]\nenabled = false")
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        asked = await scene.mina.slash(scene.channel, "persona use", persona="owl")
        assert "꺼져 있어요" in asked.text
        assert asked.original is not None
        assert asked.original.only_for is scene.mina.user
        place = channel_place(scene.guild.id, scene.channel.id)
        assert (await bot.yard.conversations.options.at(place)).persona == "parrot"


async def test_about_where_the_profile_names_nobody(scene: Scene, profile: Path) -> None:
    profile.write_text(profile.read_text("utf-8").replace('persona = "parrot"\n', ""), "utf-8")
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        scene.mina.says(scene.mina.dm, "안녕")
        await answer(scene.server, scene.mina.dm, "안녕")
        (persona,) = await answered_by(bot, scene.mina)
        about = await scene.mina.slash(scene.mina.dm, "about")
        shown = await about.shows(lambda message: "**모델** held" in message.content)
        assert f"(`{persona}`)" in shown.content


async def test_samples_ask_in_the_mode_that_was_chosen(scene: Scene, profile: Path) -> None:
    more(profile, "[personas.owl.modes.night]")
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        asked = await scene.mina.slash(scene.mina.dm, "persona info", persona="owl:night")
        shown = await asked.shows(lambda message: message.buttons)
        await scene.mina.clicks(shown, "뭐 해?")
        await answer(scene.server, scene.mina.dm, "뭐 해?")
        history = await bot.yard.conversations.history(dm_place(scene.mina.dm.id))
        assert [turn.persona for turn in history] == ["owl:night"] * 2


async def test_a_lock_leaves_nobody_else_to_ask(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        described = await scene.mina.slash(scene.channel, "persona info", persona="owl")
        owl = await described.shows(lambda message: message.buttons)
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "locked", True)
        asked = await scene.mina.slash(scene.channel, "chat", text="안녕", persona="owl")
        assert "잠겨 있어요" in asked.text
        assert asked.original is not None
        assert asked.original.only_for is scene.mina.user
        pressed = await scene.mina.clicks(owl, "뭐 해?")
        assert "잠겨 있어요" in pressed.text
        assert not await turns(bot, scene.mina)
        named = await scene.mina.slash(scene.channel, "chat", text="하나", persona="parrot")
        await named.shows(lambda message: message.content == "하나")
        scene.mina.says(scene.channel, "@마당이 올빼미야, 둘")
        await answer(scene.server, scene.channel, "올빼미야, 둘")
        assert await answered_by(bot, scene.mina) == ["parrot", "parrot"]


async def test_a_lock_is_no_bar_to_those_who_manage(scene: Scene, profile: Path) -> None:
    chief = scene.server.person("관리자", scene.guild, allowed=("manage_guild",))
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "locked", True)
        asked = await chief.slash(scene.channel, "chat", text="하나", persona="owl")
        shown = await asked.shows(lambda message: "다시" in message.buttons)
        chief.says(scene.channel, "@마당이 올빼미야, 둘")
        await answer(scene.server, scene.channel, "둘")
        assert await answered_by(bot, chief) == ["owl", "owl"]
        scene.mina.says(scene.channel, "나도", reply_to=shown)
        await scene.channel.finds(lambda message: message.content.endswith("미나: 나도"))
        assert await answered_by(bot, scene.mina) == ["parrot"]


async def test_what_another_process_locks_meanwhile_holds(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await published(scene.server)
        options, server = bot.yard.conversations.options, guild_place(scene.guild.id)
        at = options.at

        async def once(place: Place, person: str = "") -> Here:
            """Have it locked after the command was looked at."""
            options.__dict__.pop("at", None)
            await bot.yard.store.set_option(server.key, "locked", "true")
            return await at(place, person)

        options.__dict__["at"] = once
        asked = await scene.mina.slash(scene.channel, "chat", text="안녕", persona="owl")
        await asked.shows(lambda message: "다시" in message.buttons)
        assert await answered_by(bot, scene.mina) == ["parrot"]
