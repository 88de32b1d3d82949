"""How answers look: long ones, notices, failures, and who may be told."""

from pathlib import Path

import pytest
from tests.bots.discord.backend import BEGUN, long_text
from tests.bots.discord.conftest import Scene
from tests.bots.discord.patience import comes
from tests.bots.discord.world import answer, at_work, build, count

from madang_discord.places import author_of, chain_place, dm_place, guild_place


async def test_a_long_answer_is_split_between_lines(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 길게 400")
        await scene.channel.finds(lambda message: "400번째 줄이에요." in message.content)
        await bot.yard.conversations.settled()
        parts = [m.content for m in scene.channel.shown() if m.author is scene.server.bot]
        assert 2 <= len(parts) <= 5
        assert "\n".join(parts) == long_text(400)


async def test_what_is_too_long_comes_as_a_file(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, options="messages = 2")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 길게 900")
        last = await scene.channel.finds(lambda message: message.attachments)
        await bot.yard.conversations.settled()
        assert count(scene) == 2
        assert last.content.endswith("-# 너무 길어서 나머지는 파일에 담았어요.")
        assert last.attachments[0].name == "answer.md"
        assert last.attachments[0].data.decode() == long_text(900)


async def test_what_is_too_long_is_left_out_where_no_file_may_be_sent(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, options="messages = 2")
    scene.server.moderator.sets(scene.channel, scene.server.bot, deny=("attach_files",))
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 길게 900")
        last = await scene.channel.finds(lambda message: "파일을 올릴 수 없어요" in message.text)
        await bot.yard.conversations.settled()
        assert count(scene) == 2
        assert last.buttons == ["다시", "지우기"]
        assert not asked.reactions


async def test_a_notice_is_shown_once(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, notice="새의 말이에요.")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.mina.dm, "하나")
        await answer(scene.server, scene.mina.dm, "하나\n-# ※ 새의 말이에요.")
        scene.mina.says(scene.mina.dm, "둘")
        await answer(scene.server, scene.mina.dm, "둘")
        await bot.yard.conversations.settled()
        said = [m.content for m in scene.mina.dm.shown() if m.author is scene.server.bot]
        assert len(said) == 2
        assert sum(text.count("새의 말이에요.") for text in said) == 1


async def test_an_empty_answer_says_so(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        asked = scene.mina.says(scene.channel, "@마당이 빈 답")
        found = await answer(scene.server, scene.channel, "-# (빈 답이에요)")
        await bot.yard.conversations.settled()
        assert found.reply_to is asked
        assert found.content == "-# (빈 답이에요)"
        assert count(scene) == 1


async def test_a_failure_is_told_in_words(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 고장")
        found = await scene.channel.finds(lambda m: "모델을 불러오지 못했어요" in m.content)
        assert found.content.startswith("-# ")


@pytest.mark.parametrize(("style", "emoji"), [("reaction", ["⚠️"]), ("silent", [])])
async def test_a_failure_is_told_as_the_server_wants_it(
    scene: Scene, profile: Path, style: str, emoji: list[str]
) -> None:
    async with at_work(profile, scene.server) as bot:
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "errors", style)
        asked = scene.mina.says(scene.channel, "@마당이 고장")
        await bot.backend.failed.wait()
        await bot.yard.conversations.settled()
        assert count(scene) == 0
        assert list(asked.reactions) == emoji


async def test_what_is_refused_is_told(scene: Scene, tmp_path: Path) -> None:
    profile = build(tmp_path, limits="daily_requests = 1")
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        asked = scene.mina.says(scene.channel, "@마당이 둘")
        found = await scene.channel.finds(lambda m: m.reply_to is asked)
        assert "다 물었어요" in found.content


async def test_what_is_refused_is_told_in_the_language_of_who_asked(
    scene: Scene, tmp_path: Path
) -> None:
    profile = build(tmp_path, limits="daily_requests = 1")
    async with at_work(profile, scene.server) as bot:
        mina = author_of(scene.mina.user.id, "").id
        await bot.yard.conversations.options.set(mina, "locale", "en")
        scene.mina.says(scene.channel, "@마당이 1")
        await answer(scene.server, scene.channel, "1")
        await bot.yard.conversations.settled()
        asked = scene.mina.says(scene.channel, "@마당이 2")
        found = await scene.channel.finds(lambda m: m.reply_to is asked)
        assert found.content.isascii()


async def test_english_where_the_server_wants_it(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        await bot.yard.conversations.options.set(guild_place(scene.guild.id), "locale", "en")
        scene.mina.says(scene.channel, "@마당이 빈 답")
        found = await scene.channel.finds(lambda m: "empty" in m.content)
        await bot.yard.conversations.settled()
        assert found.content.isascii()
        assert found.author is scene.server.bot
        assert count(scene) == 1


async def test_deleting_the_answer_stops_it(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "@마당이 이야기")
        found = await answer(scene.server, scene.channel, BEGUN)
        messages, place = bot.yard.conversations.messages, guild_place(scene.guild.id)

        async def noted() -> bool:
            return await messages.find(place, str(found.id)) is not None

        await comes(noted)
        scene.mina.deletes(found)
        await bot.yard.conversations.settled()
        assert len(bot.backend.closed) == 1
        assert count(scene) == 0


async def test_a_missing_permission_is_told_to_who_asked(scene: Scene, profile: Path) -> None:
    server = scene.server
    guild = server.guild("조용한 곳")
    channel, dasom = server.channel(guild), server.person("다솜", guild)
    server.moderator.sets(channel, server.bot, deny=("send_messages", "add_reactions"))
    async with at_work(profile, server) as bot:
        dasom.says(channel, "@마당이 들려?")
        await dasom.dm.finds(lambda message: "제게 없는 권한이 있어요" in message.content)
        await bot.yard.conversations.settled()
        assert len(server.requests.of("POST", f"/channels/{channel.id}/messages")) == 1
        assert not server.requests.of("POST", f"/channels/{channel.id}/typing")


async def test_it_shows_as_writing_as_soon_as_a_question_is_heard(
    scene: Scene, tmp_path: Path
) -> None:
    async with at_work(build(tmp_path, burst=0.2), scene.server):
        scene.boram.says(scene.channel, "우리끼리 하는 말")
        scene.mina.says(scene.channel, "@마당이 하나")
        scene.mina.says(scene.mina.dm, "둘")
        await answer(scene.server, scene.channel, "하나")
        await answer(scene.server, scene.mina.dm, "둘")
        scene.boram.says(scene.channel, "@마당이 셋")
        await answer(scene.server, scene.channel, "셋")
    for place, questions in ((scene.channel, 3), (scene.mina.dm, 1)):
        seen = [each.what for each in place.transcript.versions if each.what != "edited"]
        assert seen.index("typing") < seen.index("said", questions)
        assert seen.count("typing") == 1


async def test_no_answer_waits_for_the_sign_of_writing(scene: Scene, profile: Path) -> None:
    fault = scene.server.faults.slows("POST", "/channels/*/typing", seconds=30)
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 하나")
        await answer(scene.server, scene.channel, "하나")
        assert fault.hits == 1


async def test_commands_go_on_where_nothing_is_heard(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server):
        await scene.server.requests.seen("PUT", "/commands")
        for denied in ("send_messages", "view_channel"):
            scene.server.moderator.sets(scene.channel, scene.server.bot, deny=(denied,))
            await scene.mina.slash(scene.channel, "chat", text=denied)
            await answer(scene.server, scene.channel, denied)


async def test_without_the_history_only_what_is_heard_is_answered(
    scene: Scene, profile: Path
) -> None:
    scene.server.moderator.sets(scene.channel, scene.server.bot, deny=("read_message_history",))
    async with at_work(profile, scene.server):
        scene.mina.says(scene.channel, "@마당이 하나")
        one = await answer(scene.server, scene.channel, "하나")
    scene.mina.says(scene.channel, "@마당이 놓쳤니?")
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.channel, "둘", reply_to=one)
        await answer(scene.server, scene.channel, "둘")
        assert bot.heard() == ["하나", "하나", "둘"]
        assert bot.backend.asked == ["둘"]


async def test_a_variant_is_shown_in_the_messages_of_another(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        conversations = bot.yard.conversations
        scene.mina.says(scene.channel, "@마당이 길게 200")
        await scene.channel.finds(lambda message: "200번째" in message.content)
        await conversations.settled()
        asked = scene.channel.shown()[0]
        place = chain_place(scene.guild.id, scene.channel.id, asked.id)
        (_, turn) = await conversations.history(place)
        await bot.yard.store.update(turn.id, shown="짧은 답")
        await bot.talk.answers.redraw(turn.id, turn.message_ids)
        assert [m.content for m in scene.channel.shown()][1:] == ["짧은 답"]
        found = await conversations.messages.find(place, str(scene.channel.shown()[1].id))
        assert found is not None
        assert len(found.turn.message_ids) == 1


async def test_what_is_gone_on_with_stays_in_sight(scene: Scene, profile: Path) -> None:
    async with at_work(profile, scene.server) as bot:
        scene.mina.says(scene.mina.dm, "이야기")
        found = await answer(scene.server, scene.mina.dm, BEGUN)
        place = dm_place(scene.mina.dm.id)
        await bot.yard.conversations.stop(place)
        await answer(scene.server, scene.mina.dm, f"{BEGUN}\n-# (멈췄어요)")
        bot.backend.go.set()
        await bot.yard.conversations.settled()
        await bot.yard.conversations.go_on(place)
        await bot.yard.conversations.settled()
        assert found.content == BEGUN + BEGUN
        later = scene.mina.dm.transcript.texts(found)[2:]
        assert all(text.startswith(BEGUN) for text in later)
