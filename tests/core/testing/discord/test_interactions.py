"""Interactions from a person's side: commands, buttons, modals, and answers that come too late."""

import asyncio
import re

import discord
import pytest
from discord import app_commands
from discord.http import Route
from tests.core.testing.discord.scene import Listener, Scene, refused

from madang.testing.discord import Rules, Upload, open_discord, running

Asked = discord.Interaction[discord.Client]


class Bot(Listener):
    """A client with a few commands, each for one way to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = app_commands.CommandTree(self)
        self.done = asyncio.Event()
        for add in (plain, slow, modal, completed, menu):
            add(self)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Stop)
        await self.tree.sync()


class Stop(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"stop:(?P<n>\d+)"):
    """A button whose meaning is in its custom id."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="멈춤", custom_id=f"stop:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: discord.ui.Item[discord.ui.View], match: re.Match[str], /
    ) -> "Stop":
        return cls(int(match["n"]))

    async def callback(self, interaction: Asked) -> None:
        await interaction.response.edit_message(content=f"{self.number}번을 멈췄어요", view=None)


def plain(bot: Bot) -> None:
    persona = app_commands.Group(name="persona", description="페르소나")

    @persona.command(name="use", description="고르기")
    @app_commands.rename(who="누구")
    async def use(interaction: Asked, who: str, times: int = 1) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(Stop(7))
        await interaction.response.send_message(f"{who} × {times}", view=view)

    @persona.command(name="secret", description="몰래")
    async def secret(interaction: Asked, file: discord.Attachment, who: discord.Member) -> None:
        text = (await file.read()).decode()
        await interaction.response.send_message(f"{text} {who.display_name}", ephemeral=True)
        await interaction.followup.send("더", ephemeral=True)

    bot.tree.add_command(persona)


def slow(bot: Bot) -> None:
    @bot.tree.command(description="나중에")
    @app_commands.default_permissions(manage_guild=True)
    async def later(interaction: Asked) -> None:
        await interaction.response.defer()
        await bot.done.wait()
        await interaction.followup.send("됐어요")
        await interaction.edit_original_response(content="다 됐어요")

    @bot.tree.command(description="잠잠")
    async def silent(interaction: Asked) -> None:
        await bot.done.wait()


def modal(bot: Bot) -> None:
    class Form(discord.ui.Modal, title="질문"):
        text: discord.ui.Label["Form"] = discord.ui.Label(
            text="무엇을", component=discord.ui.TextInput(max_length=20)
        )
        files: discord.ui.Label["Form"] = discord.ui.Label(
            text="파일", component=discord.ui.FileUpload(required=False)
        )

        async def on_submit(self, interaction: Asked) -> None:
            text, files = self.text.component, self.files.component
            assert isinstance(text, discord.ui.TextInput)
            assert isinstance(files, discord.ui.FileUpload)
            names = [file.filename for file in files.values]
            await interaction.response.send_message(f"{text.value} {names}")

    @bot.tree.command(description="물어보기")
    async def ask(interaction: Asked) -> None:
        await interaction.response.send_modal(Form())


def completed(bot: Bot) -> None:
    @bot.tree.command(description="찾기")
    async def find(interaction: Asked, name: str) -> None:
        await interaction.response.send_message(name)

    @find.autocomplete("name")
    async def complete(interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        count = 26 if typed == "많이" else 2
        found = [f"{typed}{number}" for number in range(count)]
        return [app_commands.Choice(name=name, value=name) for name in found]


def menu(bot: Bot) -> None:
    @bot.tree.context_menu(name="되풀이")
    async def repeat(interaction: Asked, message: discord.Message) -> None:
        await interaction.response.send_message(f"“{message.content}”")

    @bot.tree.context_menu(name="누구")
    async def who(interaction: Asked, user: discord.User) -> None:
        await interaction.response.send_message(user.name)


async def test_a_command_is_answered(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        done = await scene.mina.slash(scene.channel, "persona use", 누구="할머니", times=2)
        assert done.text == "할머니 × 2"
        assert done.original is not None
        assert done.original.interaction is done
        assert scene.channel.transcript.of(done.original)[0].above == "미나 /persona use"
        with pytest.raises(AssertionError, match="needs"):
            await scene.mina.slash(scene.channel, "persona use")
        with pytest.raises(AssertionError, match=r"only \['use', 'secret'\]"):
            await scene.mina.slash(scene.channel, "persona drop")
        with pytest.raises(AssertionError, match="takes"):
            await scene.mina.slash(scene.channel, "persona use", 누구=3)


async def test_a_private_answer_is_seen_by_one_person(scene: Scene) -> None:
    boram = scene.server.person("보람", scene.guild)
    async with running(Bot(), scene.server) as client:
        file = Upload(name="a.txt", data="글".encode())
        done = await scene.mina.slash(scene.channel, "persona secret", file=file, who=boram.user)
        assert done.text == "글 보람"
        await scene.channel.sees(lambda shown: len(shown) == 2, to=scene.mina.user)
        assert boram.sees(scene.channel) == []
        channel = await client.fetch_channel(scene.channel.id)
        assert isinstance(channel, discord.TextChannel)
        assert done.original is not None
        await refused(channel.fetch_message(done.original.id), 404, 10008)


async def test_a_deferred_answer_shows_as_thinking_first(scene: Scene) -> None:
    moderator = scene.server.person("관리자", scene.guild, allowed=("manage_guild",))
    async with running(Bot(), scene.server) as client:
        with pytest.raises(AssertionError, match="no command 'later'"):
            await scene.mina.slash(scene.channel, "later")
        done = await moderator.slash(scene.channel, "later")
        assert done.deferred
        client.done.set()
        answer = await done.shows(lambda message: message.text == "다 됐어요")
        assert scene.channel.transcript.texts(answer) == ["", "됐어요", "다 됐어요"]
        assert done.followups == []


async def test_an_answer_after_the_deadline_finds_no_interaction() -> None:
    async with open_discord(Rules(answer_within=0.1)) as server:
        scene = Scene(server)
        async with running(Bot(), server) as client:
            asked: asyncio.Task[Asked] = asyncio.create_task(client.wait_for("interaction"))
            await asyncio.sleep(0)
            done = await scene.mina.slash(scene.channel, "silent")
            assert done.failed
            told = scene.channel.transcript.versions[-1]
            assert (told.what, told.to) == ("unanswered", "미나")
            await refused((await asked).response.send_message("늦음"), 404, 10062)


async def test_tokens_expire_and_answers_come_once(scene: Scene) -> None:
    async with running(Bot(), scene.server) as client:
        asked: asyncio.Task[Asked] = asyncio.create_task(client.wait_for("interaction"))
        await asyncio.sleep(0)
        await scene.mina.slash(scene.channel, "find", name="하나")
        interaction = await asked
        again = discord.InteractionResponse(interaction)
        with pytest.raises(discord.HTTPException) as caught:
            await again.send_message("또")
        assert caught.value.code == 40060
        await interaction.followup.send("이어서")
        scene.server.clock.advance(901)
        await refused(interaction.followup.send("늦음"), 401, 50027)


async def test_buttons_survive_a_restart(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        done = await scene.mina.slash(scene.channel, "persona use", 누구="할머니")
    assert done.original is not None
    message = done.original
    async with running(Bot(), scene.server):
        pressed = await scene.mina.clicks(message, "멈춤")
        assert pressed.text == "7번을 멈췄어요"
        with pytest.raises(AssertionError, match="no button"):
            await scene.mina.clicks(message, "멈춤")


async def test_a_modal_is_filled_and_sent(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        opened = await scene.mina.slash(scene.channel, "ask")
        with pytest.raises(AssertionError, match="required"):
            await scene.mina.submits(opened, {})
        with pytest.raises(AssertionError, match="takes 0 to 20"):
            await scene.mina.submits(opened, {"무엇을": "가" * 21})
        file = Upload(name="a.pdf", data=b"%PDF")
        sent = await scene.mina.submits(opened, {"무엇을": "왜?", "파일": [file]})
        assert sent.text == "왜? ['a.pdf']"


async def test_choices_complete_what_is_typed(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        shown = await scene.mina.types(scene.channel, "find", "name", "가")
        assert shown == [("가0", "가0"), ("가1", "가1")]
    with pytest.raises(AssertionError, match="did not come"):
        async with open_discord(Rules(answer_within=0.1)) as server:
            other = Scene(server)
            async with running(Bot(), server):
                await other.mina.types(other.channel, "find", "name", "많이")


async def test_context_menus(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        said = scene.mina.says(scene.channel, "안녕")
        assert (await scene.mina.uses_menu("되풀이", said, scene.channel)).text == "“안녕”"
        boram = scene.server.person("보람", scene.guild)
        assert (await scene.mina.uses_menu("누구", boram, scene.channel)).text == "보람"


async def test_commands_work_in_direct_messages(scene: Scene) -> None:
    async with running(Bot(), scene.server):
        done = await scene.mina.slash(scene.mina.dm, "find", name="하나")
        assert done.text == "하나"


async def test_selects_send_what_was_chosen(scene: Scene) -> None:
    chosen: list[str] = []

    class Panel(discord.ui.LayoutView):
        row: discord.ui.ActionRow["Panel"] = discord.ui.ActionRow()

        @row.select(
            placeholder="언어", options=[discord.SelectOption(label=x) for x in ("ko", "en")]
        )
        async def language(self, interaction: Asked, item: discord.ui.Select["Panel"]) -> None:
            chosen.extend(item.values)
            await interaction.response.defer()

    async def show(message: discord.Message) -> None:
        await message.channel.send(view=Panel(timeout=None))

    async with running(Listener(show), scene.server):
        scene.mina.says(scene.channel, "설정")
        panel = await scene.channel.finds(lambda message: message.components)
        done = await scene.mina.chooses(panel, "en", select="언어")
        assert (chosen, done.original) == (["en"], panel)
        with pytest.raises(AssertionError, match="no option"):
            await scene.mina.chooses(panel, "fr")


async def test_what_does_not_fit_is_refused(scene: Scene) -> None:
    wrong: tuple[tuple[int, dict[str, object]], ...] = (
        (7, {"content": "x"}),
        (8, {"choices": []}),
        (9, {"title": ""}),
        (4, {"content": ""}),
    )
    codes: list[int] = []

    class Raw(Listener):
        async def on_interaction(self, interaction: Asked) -> None:
            path = f"/interactions/{interaction.id}/{interaction.token}/callback"
            for kind, data in wrong:
                with pytest.raises(discord.HTTPException) as caught:
                    await self.http.request(Route("POST", path), json={"type": kind, "data": data})
                codes.append(caught.value.code)
            await interaction.response.send_message("맞아요")

    async with running(Raw(), scene.server) as client:
        route = Route("POST", f"/applications/{client.application_id}/commands")
        await client.http.request(route, json={"name": "raw", "description": "날것"})
        done = await scene.mina.slash(scene.channel, "raw")
    assert (codes, done.text) == ([50035, 50035, 50035, 50006], "맞아요")
