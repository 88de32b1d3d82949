"""Several people and the bot in groups: it answers when it is addressed, and knows who speaks."""

import pytest
from msgspec import UNSET
from tests.bots.telegram.conftest import Bot

from madang.contract import Place
from madang.testing import EchoBackend, HeldBackend
from madang.testing.telegram import Chat, Person, TelegramServer, blemishes


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody else."""
    return server.person("준호", "junho")


@pytest.fixture
def group(server: TelegramServer, minji: Person, junho: Person) -> Chat:
    """Return a group with both and the bot."""
    return server.group("마당", minji, junho)


async def test_mentions_replies_and_commands_are_answered_and_nothing_else(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    server.world.privacy = False
    async with bot(EchoBackend()):
        minji.says(group, "우리끼리 하는 말")
        first = minji.says(group, "@madang_bot 하나")
        await group.transcript.until(lambda seen: seen.answers() == ["하나"])
        answer = group.transcript.screen()[-1]
        assert answer.reply_to == first.id
        junho.says(group, "셋", reply_to=group.messages[answer.id])
        await group.transcript.until(lambda seen: len(seen.answers()) == 2)
        junho.says(group, "/chat@madang_bot 넷")
        await group.transcript.until(lambda seen: len(seen.answers()) == 3)
        junho.says(group, "/chat@other_bot 다섯")
        minji.says(group, "@other_bot 여섯")
        minji.says(group, "@madang_bot 끝")
        await group.transcript.until(lambda seen: "끝" in seen.answers()[-1])
    assert len(group.transcript.answers()) == 4
    assert blemishes(group.transcript) == []


async def test_who_speaks_is_known_to_the_persona(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend):
        minji.says(group, "@madang_bot 나는 민지야")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        junho.says(group, "@madang_bot 나는 준호야")
        await group.transcript.until(lambda seen: len(seen.answers()) == 2)
    prompt = backend.answered[-1].prompt.text
    assert "민지: 나는 민지야" in prompt
    assert "준호: 나는 준호야" in prompt


async def test_what_a_question_replies_to_is_heard_too(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend):
        said = junho.says(group, "고래는 물고기야")
        minji.says(group, "@madang_bot 이 말이 맞아?", reply_to=said)
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
    assert "준호: 고래는 물고기야" in backend.answered[-1].prompt.text


async def test_trigger_words_address_the_bot_or_one_persona(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    server.world.privacy = False
    more = 'triggers = { "마당아" = "", "올빼미야" = "owl" }'
    async with bot(EchoBackend(), more=more) as yard:
        minji.says(group, "마당아, 하나")
        await group.transcript.until(lambda seen: seen.answers() == ["하나"])
        minji.says(group, "올빼미야 둘")
        await group.transcript.until(lambda seen: len(seen.answers()) == 2)
        minji.says(group, "마당아저씨가 왔어")
        _, second = [each for each in group.transcript.screen() if each.by_bot]
        minji.says(group, "셋", reply_to=group.messages[second.id])
        await group.transcript.until(lambda seen: len(seen.answers()) == 3)
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert [turn.persona for turn in history if turn.role == "persona"] == ["parrot", "owl", "owl"]


async def test_topics_and_private_chats_do_not_mix(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, chat: Chat
) -> None:
    backend = EchoBackend()
    forum = server.forum("모임", minji, junho)
    cats, dogs = minji.opens_topic(forum, "고양이"), minji.opens_topic(forum, "강아지")
    async with bot(backend):
        minji.says(chat, "비밀이야")
        await chat.transcript.until(lambda seen: seen.answers() == ["비밀이야"])
        minji.says(cats, "@madang_bot 야옹")
        minji.says(dogs, "@madang_bot 멍멍")
        await forum.transcript.until(lambda seen: len(seen.answers()) == 2)
        await forum.transcript.until(lambda seen: seen.answers(cats.id) == ["야옹"])
        await forum.transcript.until(lambda seen: seen.answers(dogs.id) == ["멍멍"])
    for request in backend.answered[1:]:
        assert "비밀" not in request.prompt.text
        assert not ("야옹" in request.prompt.text and "멍멍" in request.prompt.text)


async def test_only_who_asked_can_press_stop(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(group, "@madang_bot 긴 이야기를 해 줘")
        await group.transcript.until(lambda seen: "긴" in "".join(seen.answers()))
        shown = group.messages[group.transcript.screen()[-1].id]
        other = junho.clicks(shown, "멈추기")
        assert await other.answered() == "물어본 사람만 누를 수 있어요."
        made_up = junho.sends_data(shown, "nothing:1")
        assert await made_up.answered() == "오래된 단추예요."
        mine = minji.clicks(shown, "멈추기")
        await mine.answered()
        backend.go.set()
        await group.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
    assert "멈추기" not in str(group.transcript.screen()[-1].buttons)


async def test_a_group_that_becomes_a_supergroup_keeps_its_history(
    bot: Bot, minji: Person, group: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend):
        minji.says(group, "@madang_bot 고양이 이름은 나비야")
        await group.transcript.until(lambda seen: len(seen.answers()) == 1)
        new = minji.upgrades(group)
        minji.says(new, "@madang_bot 이름이 뭐야?")
        await new.transcript.until(lambda seen: len(seen.answers()) == 1)
    assert "나비" in backend.answered[-1].prompt.text


async def test_an_answer_follows_a_group_that_moves_meanwhile(
    bot: Bot, minji: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=2)
    async with bot(backend):
        minji.says(group, "@madang_bot 이사 가는 날")
        await backend.held.wait()
        new = minji.upgrades(group)
        backend.go.set()
        await new.transcript.until(lambda seen: seen.answers() == ["이사 가는 날"])
    assert new.id != group.id
    assert new.transcript.answers() == ["이사 가는 날"]
    assert "이사 가는 날" not in group.transcript.answers()


async def test_a_group_that_removes_the_bot_is_noted(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=2)
    place = Place(f"telegram/{group.id}")
    async with bot(backend) as yard:
        minji.says(group, "@madang_bot 안녕하세요")
        await backend.held.wait()
        minji.removes_bot(group)
        await server.until(lambda: not server.world.updates.row)
        backend.go.set()
        await yard.conversations.settled()
    async with bot(backend) as yard:
        assert isinstance(yard.conversations.options.said(place).left, float)
        minji.adds_bot(group)
        await server.until(lambda: not server.world.updates.row)
    async with bot(backend) as yard:
        assert yard.conversations.options.said(place).left is UNSET
