"""What is said around the bot in groups: kept in mind only, where an operator wants it."""

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown

from madang.contract import Place
from madang.testing import EchoBackend
from madang.testing.telegram import Attachment, Chat, Person, TelegramServer

ON = "group_history = true"


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody else."""
    return server.person("준호", "junho")


@pytest.fixture
def group(server: TelegramServer, minji: Person, junho: Person) -> Chat:
    """Return a group whose bot hears everything."""
    server.world.privacy = False
    return server.group("마당", minji, junho)


async def test_a_question_brings_along_what_was_just_said(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend, place = EchoBackend(), Place(f"telegram/{group.id}")
    async with bot(backend, more=ON) as yard:
        said = junho.says(group, "고래는 물고기야")
        junho.edits(said, "고래는 새야")
        minji.says(group, "정말?")
        minji.says(group, "@madang_bot 누가 맞아?")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        history = await yard.conversations.history(place)
        assert [(each.raw, each.asks) for each in history[:-1]] == [
            ("고래는 새야", False),
            ("정말?", False),
            ("누가 맞아?", True),
        ]
        assert "준호: 고래는 새야" in backend.answered[-1].prompt.text
        minji.says(group, "/help@madang_bot")
        await group.transcript.until(lambda seen: "방금 오간 말" in seen.answers()[-1])


async def test_nothing_is_kept_of_what_nobody_asks_about(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    async with bot(EchoBackend(), more=ON) as yard:
        junho.says(group, "우리끼리 하는 말")
        await server.until(lambda: not server.world.updates.row)
        assert await yard.store.places("telegram") == []
        assert "우리끼리" not in str(await yard.store.kept("telegram"))


async def test_buttons_go_on_working_while_people_talk(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend, more=ON):
        minji.says(group, "@madang_bot 하나")
        answer = await shown(group, "다시")
        junho.says(group, "그렇구나")
        await minji.clicks(answer, "다시").answered()
        assert (await shown(group, "2/2")).id == answer.id


async def test_who_is_forgotten_is_not_in_mind_either(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend, more=ON):
        junho.says(group, "비밀이야")
        minji.says(group, "나는 괜찮아")
        junho.says(group, "/forget@madang_bot")
        await junho.clicks(await shown(group, "지우기"), "지우기").answered()
        await group.transcript.until(lambda seen: "모두 지웠어요." in seen.answers())
        minji.says(group, "@madang_bot 뭐래?")
        await group.transcript.until(lambda seen: len(seen.answers()) == 2)
    prompt = backend.answered[-1].prompt.text
    assert "비밀" not in prompt
    assert "나는 괜찮아" in prompt


async def test_without_the_option_only_what_is_addressed_is_known(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend):
        junho.says(group, "우리끼리 하는 말")
        minji.says(group, "@madang_bot 뭐래?")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        minji.says(group, "/help@madang_bot")
        await group.transcript.until(lambda seen: "/persona" in seen.answers()[-1])
    assert "우리끼리" not in backend.answered[-1].prompt.text
    assert "방금 오간 말" not in group.transcript.answers()[-1]


async def test_posts_of_a_linked_channel_are_not_answered_but_may_be_asked_about(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    backend, channel = EchoBackend(), server.group("소식", minji, kind="channel", bot=False)
    async with bot(backend) as yard:
        place = Place(f"telegram/{group.id}")
        await yard.conversations.options.set(place, "free", True)
        post = minji.posts(channel, "@madang_bot 새 소식이 있어요", group)
        junho.says(group, "무슨 소식이야?", reply_to=post)
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        history = await yard.conversations.history(place)
    assert [each.author.name for each in history[:2]] == ["소식", "준호"]
    assert len(backend.answered) == 1


async def test_what_a_group_said_long_ago_is_not_answered(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat, chat: Chat
) -> None:
    with server.world.updates.held() as row:
        minji.says(group, "@madang_bot 아까 물은 것")
        minji.says(group, "/help@madang_bot")
        minji.says(chat, "아까 물은 것")
        for update in row:
            if "message" in update:
                update["message"]["date"] -= 16 * 60
    async with bot(EchoBackend()):
        minji.says(group, "@madang_bot 지금 묻는 것")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        await chat.transcript.until(lambda seen: seen.answers() == ["아까 물은 것"])
    assert group.transcript.answers() == ["지금 묻는 것"]


async def test_a_command_may_stand_under_a_file(bot: Bot, minji: Person, group: Chat) -> None:
    picture = Attachment("고래.jpg", b"x", photo=True)
    async with bot(EchoBackend()):
        minji.says(group, "/chat@other_bot 아니", document=picture)
        minji.says(group, "/chat@madang_bot 고래야", document=picture)
        await group.transcript.until(lambda seen: seen.answers() == ["고래야"])
        minji.says(group, "/generate@madang_bot", document=Attachment("a.exe", b"x"))
        await group.transcript.until(lambda seen: "종류의 파일" in seen.answers()[-1])


async def test_an_album_is_one_thing(
    bot: Bot, minji: Person, chat: Chat, server: TelegramServer
) -> None:
    pictures = [Attachment(f"{number}.jpg", b"x", photo=True) for number in range(3)]
    async with bot(EchoBackend()):
        minji.sends_album(chat, "고래 세 마리", *pictures)
        await chat.transcript.until(lambda seen: seen.answers() == ["고래 세 마리"])
        minji.sends_album(chat, "", *pictures)
        await chat.transcript.until(lambda seen: len(seen.answers()) == 2)
        minji.says(chat, "끝")
        await chat.transcript.until(lambda seen: "끝" in seen.answers()[-1])
    assert ["글만 읽을" in text for text in chat.transcript.answers()] == [False, True, False]


async def test_what_was_said_an_hour_ago_is_not_brought_along(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    with server.world.updates.held() as row:
        junho.says(group, "아까 한 말")
        row[-1]["message"]["date"] -= 61 * 60
        for number in range(40):
            junho.says(group, f"[{number}]")
    async with bot(backend, more=ON):
        minji.says(group, "@madang_bot 뭐래?")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
    prompt = backend.answered[-1].prompt.text
    assert "아까" not in prompt
    assert ("[9]" in prompt, "[10]" in prompt, "[39]" in prompt) == (False, True, True)
