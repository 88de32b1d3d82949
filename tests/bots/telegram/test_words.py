"""Commands, languages, long texts, pastes, and what cannot be read."""

from tests.bots.telegram.conftest import Bot

from madang.contract import Model
from madang.errors import ModelError
from madang.testing import EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.telegram import Attachment, Chat, Person, TelegramServer, blemishes

BIG = Model(context=100_000)
LONG = "\n".join(f"{number}번째 줄은 이렇게 생겼어요." for number in range(600))


async def test_a_long_answer_comes_whole_in_several_messages(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=[LONG], model=BIG)):
        minji.says(chat, "길게")
        await chat.transcript.until(lambda seen: "599번째" in "".join(seen.answers()[-1:]))
        await chat.transcript.until(lambda seen: "…" not in seen.answers())
    assert "\n".join(chat.transcript.answers()) == LONG
    assert len(chat.transcript.answers()) == 3


async def test_long_code_goes_on_as_code_and_comes_as_a_file_too(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    code = "\n".join(f"print({number})  # **{number}**" for number in range(300))
    async with bot(ScriptedBackend(answers=[f"여기요.\n\n```python\n{code}\n```\n끝."], model=BIG)):
        minji.says(chat, "코드")
        await chat.transcript.until(lambda seen: any(each.file for each in seen.screen()))
    *texts, file = [each for each in chat.transcript.screen() if each.by_bot]
    assert file.file == "parrot-1.py"
    assert all(any(each.kind == "pre" for each in sight.entities) for sight in texts)
    assert blemishes(chat.transcript) == []


async def test_a_text_that_the_client_split_is_one_question(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    server.world.privacy = False
    group = server.group("마당", minji)
    backend = EchoBackend(model=BIG)
    async with bot(backend):
        pasted = minji.pastes(group, f"@madang_bot {LONG[:9000]}")
        assert len(pasted) == 3
        await group.transcript.until(lambda seen: len(seen.answers()) >= 3)
    assert len(backend.answered) == 1


async def test_the_bot_speaks_the_language_of_who_asks(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    john = server.person("John", "john", "en-GB")
    elsewhere = server.private(john)
    async with bot():
        minji.starts(chat)
        await chat.transcript.until(lambda seen: "안녕! 따라 할게." in "".join(seen.answers()))
        john.starts(elsewhere)
        await elsewhere.transcript.until(lambda seen: "Hello!" in "".join(seen.answers()))
        john.says(elsewhere, "/stop")
        await elsewhere.transcript.until(lambda seen: "no answer" in seen.answers()[-1])
        await server.until(lambda: "start" in minji.menu(chat))
        await server.until(lambda: "chat" not in minji.menu(chat))
        group = server.group("마당", minji)
        await server.until(lambda: "chat" in minji.menu(group))
        wanted = "start persona retry continue stop undo reset history export generate forget about"
        assert set(minji.menu(chat)) == {*wanted.split(), "settings", "help"}


async def test_what_is_too_long_or_no_text_is_refused_in_words(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot():
        minji.pastes(chat, LONG + LONG)
        await chat.transcript.until(lambda seen: "너무 길어요" in "".join(seen.answers()))
        minji.says(chat, document=Attachment("a.png", b"x", photo=True))
        await chat.transcript.until(lambda seen: "글만 읽을" in seen.answers()[-1])
        minji.says(chat, "그림 설명", document=Attachment("a.png", b"x", photo=True))
        await chat.transcript.until(lambda seen: "그림 설명" in seen.answers()[-1])
    too_long, unreadable, repeated = chat.transcript.answers()
    assert "너무 길어요" in too_long
    assert unreadable == "글만 읽을 수 있어요. 글로 써 주세요."
    assert "그림 설명" in repeated


async def test_stop_passes_what_waits(bot: Bot, minji: Person, chat: Chat) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(chat, "긴 이야기")
        await backend.held.wait()
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
        backend.go.set()
    (answer,) = chat.transcript.answers()
    assert answer.endswith("(멈췄어요)")
    assert "긴 이야기" not in answer


async def test_a_failure_is_told_and_the_next_question_is_answered(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = ScriptedBackend(answers=[ModelError("It broke."), "이제 돼요"])
    async with bot(backend):
        minji.says(chat, "하나")
        await chat.transcript.until(lambda seen: "답하지 못했어요" in "".join(seen.answers()))
        minji.says(chat, "둘")
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "이제 돼요")
    told, answer = chat.transcript.answers()
    assert "답하지 못했어요" in told
    assert answer == "이제 돼요"


async def test_reset_begins_anew(bot: Bot, minji: Person, chat: Chat) -> None:
    backend = EchoBackend()
    async with bot(backend):
        minji.says(chat, "비밀이야")
        await chat.transcript.until(lambda seen: seen.answers() == ["비밀이야"])
        minji.says(chat, "/reset")
        await chat.transcript.until(lambda seen: "새 이야기" in seen.answers()[-1])
        minji.says(chat, "뭐라고 했지?")
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "뭐라고 했지?")
        minji.says(chat, "/help")
        await chat.transcript.until(lambda seen: "/stop" in seen.answers()[-1])
    assert "비밀" not in backend.answered[-1].prompt.text


async def test_an_unknown_command_is_told_in_private(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    group = server.group("마당", minji)
    async with bot():
        minji.says(group, "/nothing")
        minji.says(chat, "/nothing")
        await chat.transcript.until(lambda seen: "/nothing" in "".join(seen.answers()))
    assert group.transcript.answers() == []
