"""People and the transcript: what somebody types, sees and installs."""

import discord
import pytest
from discord import app_commands
from tests.core.testing.discord.scene import Listener, Scene

from madang.testing.discord import open_discord, running

Asked = discord.Interaction[discord.Client]


class Korean(app_commands.Translator):
    """Translate two names."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        known = {"chat": "대화", "text": "할말"}
        return known.get(string.message) if locale is discord.Locale.korean else None


class Bot(Listener):
    """A client with one translated command that people may install for themselves."""

    async def setup_hook(self) -> None:
        tree = app_commands.CommandTree(self)

        @tree.command(description="말해요")
        @app_commands.allowed_installs(guilds=True, users=True)
        async def chat(interaction: Asked, text: str) -> None:
            owners = sorted(interaction._integration_owners)
            await interaction.response.send_message(f"{text} {interaction.locale} {owners}")

        await tree.set_translator(Korean())
        await tree.sync()


async def test_commands_are_typed_in_ones_own_language(scene: Scene) -> None:
    john = scene.server.person("John", scene.guild, locale="en-US")
    async with running(Bot(), scene.server):
        done = await scene.mina.slash(scene.channel, "대화", 할말="안녕")
        assert done.text == "안녕 ko [0]"
        assert (await john.slash(scene.channel, "/chat", text="hi")).text == "hi en-US [0]"
        with pytest.raises(AssertionError, match="no command '대화'"):
            await john.slash(scene.channel, "대화", 할말="안녕")


async def test_a_person_installs_the_bot_where_it_is_not(scene: Scene) -> None:
    server = scene.server
    elsewhere = server.world.add_guild("남의 마당", "ko")
    place = server.channel(elsewhere, "수다")
    boram = server.person("보람", elsewhere)
    async with running(Bot(), server) as client:
        with pytest.raises(AssertionError, match="no command"):
            await boram.slash(place, "chat", text="안녕")
        server.installs(boram)
        assert (await boram.slash(place, "chat", text="안녕")).text == "안녕 ko [1]"
        with pytest.raises(discord.Forbidden):
            await client.fetch_channel(place.id)


async def test_names_become_mentions(scene: Scene) -> None:
    role = scene.server.moderator.makes_role(scene.guild, "운영", mentionable=True)
    john = scene.server.person("미나리", scene.guild)
    said = scene.mina.says(scene.channel, "@마당이 @운영 @미나리 @미나")
    users = [scene.server.bot.mention, role.mention, john.user.mention, scene.mina.user.mention]
    assert said.content == " ".join(users)
    assert said.pinged == ["미나리", "@운영"]


async def test_strangers_see_nothing(scene: Scene) -> None:
    outsider = scene.server.person("남")
    async with running(Bot(), scene.server):
        with pytest.raises(AssertionError, match="does not see"):
            await outsider.slash(scene.channel, "chat", text="안녕")


async def test_the_transcript_tells_what_was_seen_when(scene: Scene) -> None:
    async def grow(message: discord.Message) -> None:
        await message.channel.typing()
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="멈춤", custom_id="stop"))
        answer = await message.reply("안녕", view=view)
        await answer.edit(content="안녕하세요!", view=None)

    async with running(Listener(grow), scene.server):
        scene.mina.says(scene.channel, "@마당이 안녕")
        answer = await scene.channel.finds(lambda message: message.content == "안녕하세요!")
        scene.mina.reacts(answer, "👍")
    transcript = scene.channel.transcript
    assert transcript.texts(answer) == ["안녕", "안녕하세요!"]
    assert [version.buttons for version in transcript.of(answer)] == [("멈춤",), (), ()]
    assert [version.what for version in transcript.versions] == [
        "said",
        "typing",
        "said",
        "edited",
        "reacted",
    ]
    screens = [[version.content for version in screen] for screen in transcript.screens()]
    asked = f"{scene.server.bot.mention} 안녕"
    assert screens[:2] == [[asked], [asked, "안녕"]]
    assert screens[-1] == [asked, "안녕하세요!"]
    times = [version.at for version in transcript.versions]
    assert times == sorted(times)
    lines = [line[9:] for line in str(transcript).splitlines()]
    assert lines == [
        "미나",
        "@마당이 안녕",
        "마당이",
        "…",
        "마당이  ↪ 미나",
        "안녕",
        "[멈춤]",
        "마당이  (edited)  ↪ 미나",
        "안녕하세요!",
        "마당이  (reaction)  ↪ 미나",
        "안녕하세요!",
        "👍",
    ]


async def test_waiting_in_vain_shows_the_transcript(scene: Scene) -> None:
    scene.mina.says(scene.channel, "아무도 없나")
    with pytest.raises(AssertionError, match="아무도 없나"):
        await scene.channel.finds(lambda message: message.author is scene.server.bot, limit=0.05)


async def test_other_bots_are_told_apart() -> None:
    async with open_discord() as server:
        other = Scene(server)
        peer = server.stranger_bot("옆집 봇", other.guild)
        async with running(Listener(), server) as client:
            peer.says(other.channel, "삐빅")
            heard = await client.wait_for("message")
            assert heard.author.bot
