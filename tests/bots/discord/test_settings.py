"""The panel of settings, as those who manage a server see and use it."""

from pathlib import Path

import pytest
from tests.bots.discord.commanding import with_commands
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import Bot, answer, at_work

from madang.testing.discord import Person
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.messages import Message
from madang_discord.numbers_modal import number
from madang_discord.places import channel_place, guild_place
from madang_discord.settings import add_to


def manager(scene: Scene, locale: str = "ko") -> Person:
    return scene.server.person("지기", scene.guild, locale=locale, allowed=("manage_guild",))


async def panel_of(bot: Bot, scene: Scene, person: Person) -> tuple[Interaction, Message]:
    await with_commands(bot, add_to)
    asked = await person.slash(scene.channel, "settings")
    return asked, await asked.shows(lambda message: message.components)


async def test_only_managers_open_it_and_it_is_private(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        assert "설정: 서버 전체" in asked.text
        assert "오늘: 질문 0개" in asked.text
        assert panel.only_for is keeper.user
        assert panel not in scene.mina.sees(scene.channel)
        with pytest.raises(AssertionError, match="no command"):
            await scene.mina.slash(scene.channel, "settings")


async def test_it_speaks_the_language_of_who_asks(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked, _ = await panel_of(bot, scene, manager(scene, "en-US"))
        assert "Settings: the whole server" in asked.text
        assert "Switch answers off" in asked.original.buttons if asked.original else False


async def test_a_server_is_switched_off_and_on(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        await keeper.clicks(panel, "대답 끄기")
        await asked.shows(lambda message: "대답 켜기" in message.buttons)
        here = await bot.yard.conversations.options.at(guild_place(scene.guild.id))
        assert not here.enabled
        await keeper.clicks(panel, "대답 켜기")
        await asked.shows(lambda message: "대답 끄기" in message.buttons)
        scene.mina.says(scene.channel, "@마당이 안녕")
        await answer(scene.server, scene.channel, "안녕")


async def test_a_channel_is_set_free_with_a_persona_of_its_own(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        await keeper.chooses(panel, scene.channel, select="채널이나 스레드 고르기")
        await asked.shows(lambda message: str(scene.channel.id) in message.text)
        await keeper.clicks(panel, "모든 말에 대답하기")
        await asked.shows(lambda message: "부르지 않아도" in message.text)
        await keeper.chooses(panel, "올빼미", select="페르소나")
        await asked.shows(lambda message: "**페르소나** 올빼미" in message.text)
        scene.mina.says(scene.channel, "안 불러도 들려?")
        await answer(scene.server, scene.channel, "안 불러도 들려?")
        place = channel_place(scene.guild.id, scene.channel.id)
        history = await bot.yard.conversations.history(place)
        assert history[-1].persona.startswith("owl")
        await keeper.clicks(panel, "서버 전체로")
        shown = await asked.shows(lambda message: "따로 설정한 곳" in message.text)
        assert f"<#{scene.channel.id}>" in shown.text


async def test_what_was_set_is_taken_back(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper, options = manager(scene), bot.yard.conversations.options
        asked, panel = await panel_of(bot, scene, keeper)
        await keeper.chooses(panel, "반응으로 알림", select="문제를 알리는 방법")
        await keeper.clicks(panel, "페르소나 잠그기")
        await asked.shows(lambda message: "페르소나 풀기" in message.buttons)
        place = guild_place(scene.guild.id)
        assert (options.said(place).errors, options.said(place).locked) == ("reaction", True)
        await keeper.chooses(panel, "기본값", select="문제를 알리는 방법")
        await keeper.clicks(panel, "여기 설정 지우기")
        await asked.shows(lambda message: "페르소나 잠그기" in message.buttons)
        assert options.below(place) == {}


async def test_limits_and_retention_are_numbers(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        opened = await keeper.clicks(panel, "한도와 보관…")
        given = {"하루 질문 수 (0: 한도 없음)": "1", "보관 일수 (0: 기한 없음)": "30"}
        await keeper.submits(opened, given)
        shown = await asked.shows(lambda message: "질문 1," in message.text)
        assert "마지막 말부터 30일" in shown.text
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        scene.mina.says(scene.channel, "@마당이 둘")
        await scene.channel.finds(lambda message: "다 물었어요" in message.content)
        opened = await keeper.clicks(panel, "한도와 보관…")
        await keeper.submits(opened, {"하루 질문 수 (0: 한도 없음)": "많이"})
        shown = await asked.shows(lambda message: "⚠️ 하루 질문 수" in message.text)
        assert "오늘: 질문 1개" in shown.text
        assert "- 미나: 질문 1개" in shown.text


async def test_a_panel_outlives_the_bot_and_rights_are_looked_at_anew(
    scene: Scene, profile: Path
) -> None:
    keeper = manager(scene)
    async with at_work(profile, scene.server) as bot:
        asked, panel = await panel_of(bot, scene, keeper)
    async with at_work(profile, scene.server) as bot:
        await keeper.clicks(panel, "대답 끄기")
        # The message is that of the first panel, and shows what holds now.
        await scene.channel.finds(lambda m: "대답 켜기" in m.buttons, to=keeper.user)
        member = scene.guild.members[keeper.user.id]
        member.roles.clear()
        refused = await keeper.clicks(panel, "대답 켜기")
        assert "서버 관리 권한" in refused.text
        here = await bot.yard.conversations.options.at(guild_place(scene.guild.id))
        assert not here.enabled
    assert asked.original is panel


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("daily_requests", " 1,000 ", 1000),
        ("daily_requests", "", None),
        ("retention_days", "0.5", 0.5),
    ],
)
def test_numbers_are_read_as_they_are_typed(key: str, text: str, value: float | None) -> None:
    assert number(key, text) == value


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "많이", "1e99"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        number("retention_days", text)


async def test_a_dialogue_outlives_the_connection(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper, gateway = manager(scene), scene.server.gateway
        asked, panel = await panel_of(bot, scene, keeper)
        opened = await keeper.clicks(panel, "한도와 보관…")
        gateway.garble()
        await gateway.began(identified=2)
        await keeper.submits(opened, {"하루 질문 수 (0: 한도 없음)": "1"})
        await asked.shows(lambda message: "질문 1," in message.text)
        place = guild_place(scene.guild.id)
        assert bot.yard.conversations.options.said(place).daily_requests == 1


async def test_who_manages_no_more_changes_nothing_by_a_dialogue(
    scene: Scene, profile: Path
) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        _, panel = await panel_of(bot, scene, keeper)
        opened = await keeper.clicks(panel, "한도와 보관…")
        scene.guild.members[keeper.user.id].roles.clear()
        refused = await keeper.submits(opened, {"하루 질문 수 (0: 한도 없음)": "1"})
        assert "서버 관리 권한" in refused.text
        assert bot.yard.conversations.options.below(guild_place(scene.guild.id)) == {}


async def test_it_names_who_answers_where_the_profile_names_nobody(
    scene: Scene, profile: Path
) -> None:
    profile.write_text(profile.read_text("utf-8").replace('persona = "parrot"\n', ""), "utf-8")
    async with at_work(profile, scene.server) as bot:
        asked, _ = await panel_of(bot, scene, manager(scene))
        here = await bot.yard.conversations.current(guild_place(scene.guild.id))
        assert f"**페르소나** {here.persona.text('ko').title}" in asked.text


async def test_who_cannot_answer_any_more_is_not_chosen(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        keeper = manager(scene)
        asked, panel = await panel_of(bot, scene, keeper)
        more = "\n[personas.owl]\nenabled = false\n"
        profile.write_text(profile.read_text("utf-8") + more, "utf-8")
        await keeper.chooses(panel, "올빼미", select="페르소나")
        shown = await asked.shows(lambda message: "⚠️" in message.text)
        assert "꺼져 있어요" in shown.text
        assert bot.yard.conversations.options.below(guild_place(scene.guild.id)) == {}
