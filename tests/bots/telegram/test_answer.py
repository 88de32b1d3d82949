"""One answer on the screen: whole, in its place, in the language of who asked, whatever happens."""

import asyncio
from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended, last
from tests.bots.telegram.test_personas import shown
from tests.bots.telegram.world import PARROT

from madang.conversation import Conversations
from madang.testing import EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.telegram import Broken, Chat, Flood, Person, TelegramServer, blemishes


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody else."""
    return server.person("준호", "junho")


@pytest.fixture
def group(server: TelegramServer, minji: Person, junho: Person) -> Chat:
    """Return a group of two."""
    return server.group("마당", minji, junho)


def a_crow(folder: Path) -> None:
    """Write a persona that has something to say beforehand."""
    home = folder / "plugins" / "crow"
    home.mkdir(parents=True)
    text = PARROT.replace("parrot", "crow").replace("앵무새", "까마귀").replace("Parrot", "Crow")
    for line, notice in (
        ('description = "따라', "조심하세요"),
        ('description = "A bird', "Careful"),
    ):
        text = text.replace(line, f'notice = "{notice}"\n{line}')
    (home / "persona.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    "answer", ["1446.", "2024. 5. 3.", "-", "#", ">", "```\n```", "[ ](https://a.b)"]
)
async def test_an_answer_of_a_number_or_of_marks_arrives(
    bot: Bot, minji: Person, chat: Chat, answer: str
) -> None:
    async with bot(ScriptedBackend(answers=[answer])):
        minji.says(chat, "훈민정음은 언제 반포됐어? 숫자만.")
        await ended(chat, answer)
    assert chat.transcript.answers() == [answer]


async def test_an_answer_of_nothing_that_can_be_seen_says_so(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["\x00\x01"])):
        minji.says(chat, "뭐라고?")
        await ended(chat, "(빈 답이에요)")
    assert len(chat.transcript.answers()) == 1


async def test_an_answer_goes_on_in_the_supergroup_and_answers_nobody_else_there(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(group, "@madang_bot 긴 이야기를 해 줘")
        await group.transcript.until(lambda seen: any("긴" in text for text in seen.answers()))
        old = {each.id for each in group.transcript.screen() if each.by_bot}
        new = minji.upgrades(group)
        for number in range(max(old)):
            minji.says(new, f"우리끼리 {number}")
        kept = len(new.transcript.screen())
        backend.go.set()
        await ended(new, "긴 이야기를 해 줘")
    assert last(new).reply_to is None
    assert len(new.transcript.screen()) == kept + 1
    assert not [call for call in server.calls if call.method == "deleteMessage"]


async def test_where_messages_are_taken_away_at_once_it_gives_up(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    def moderated() -> bool:
        """Delete what the bot writes, as moderating bots do."""
        for each in list(group.messages.values()):
            if each.sender.is_bot and not each.deleted:
                minji.deletes(each)
        return False

    async with bot(EchoBackend()) as yard:
        moderating = asyncio.create_task(server.until(moderated, 60))
        minji.says(group, "@madang_bot 하나")
        await server.until(lambda: sent(server) > 0)
        await yard.conversations.settled()
        moderating.cancel()
    assert 1 <= sent(server) <= 9


def sent(server: TelegramServer) -> int:
    """Count the messages that the bot sent."""
    return sum(call.method == "sendMessage" for call in server.calls)


async def test_buttons_speak_the_language_of_who_asked(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    john = server.person("John", "john", "en-GB")
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(group, "@madang_bot 긴 이야기를 해 줘")
        await backend.held.wait()
        john.says(group, "/help@madang_bot")
        await group.transcript.until(lambda seen: "/stop" in "".join(seen.answers()))
        backend.go.set()
        await shown(group, "다시")
        minji.says(group, "/help@madang_bot")
        john.says(group, "@madang_bot one")
        await shown(group, "Again")


async def test_a_notice_is_shown_after_a_restart_in_the_language_of_who_asked(
    bot: Bot, server: TelegramServer, tmp_path: Path
) -> None:
    a_crow(tmp_path)
    john = server.person("John", "john", "en-GB")
    chat = server.private(john)
    async with bot(EchoBackend()) as yard:
        await yard.conversations.options.set(f"telegram:{chat.id}", "locale", "en")
        john.says(chat, "/persona crow")
        await shown(chat, "doing?")
        server.faults.plan(Flood(4), "editMessageText", chat=chat)
        john.says(chat, "one")
        await server.until(lambda: any(call.code == 429 for call in server.calls))
    server.budget.forgive()
    async with bot(EchoBackend()):
        await shown(chat, "Again")
        assert last(chat).text == "one\n\nCareful"
        await john.clicks(last(chat), "Again").answered()
        await shown(chat, "2/2")
        await john.clicks(last(chat), "2/2").answered()
        await shown(chat, "1/2")
        john.says(chat, "two")
        await chat.transcript.until(lambda seen: "two" in seen.answers())
    assert "one\n\nCareful" in chat.transcript.answers()


async def test_a_question_without_a_word_of_answer_is_answered_after_the_next_start(
    bot: Bot, minji: Person, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, closed = HeldBackend(hold_after=0), Conversations.close

    async def close(conversations: Conversations) -> None:
        """Let the model go on only when nobody waits for it any more."""
        await closed(conversations)
        backend.go.set()

    monkeypatch.setattr(Conversations, "close", close)
    async with bot(backend):
        minji.says(chat, "오래 걸리는 질문")
        await backend.held.wait()
    async with bot(EchoBackend()):
        await ended(chat, "오래 걸리는 질문")
    assert chat.transcript.answers() == ["오래 걸리는 질문"]


async def test_one_draft_that_is_refused_leaves_drafts_to_others(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, chat: Chat
) -> None:
    elsewhere = server.private(junho)
    server.faults.plan(Broken(400), "sendMessageDraft", chat=chat)
    backend = HeldBackend(hold_after=4)
    async with bot(backend):
        minji.says(chat, "하나보다 긴 말이에요")
        await chat.transcript.until(lambda seen: any("하나" in text for text in seen.answers()))
        junho.says(elsewhere, "둘은 조금 더 긴 말이에요")
        await elsewhere.transcript.until(lambda seen: bool(seen.drafts()))
        backend.go.set()
        await ended(elsewhere, "둘은 조금 더 긴 말이에요")
    assert any(call.code == 400 for call in server.calls)


async def test_an_edited_question_is_answered_in_the_messages_of_the_answer_on_its_way(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        said = minji.says(group, "@madang_bot 첫째 이야기")
        await group.transcript.until(lambda seen: any("첫째" in text for text in seen.answers()))
        number = last(group).id
        minji.edits(said, "@madang_bot 둘째 이야기")
        minji.edits(said, "@madang_bot 셋째 이야기")
        await group.transcript.until(lambda seen: any("셋째" in text for text in seen.answers()))
        backend.go.set()
        await ended(group, "셋째 이야기")
    assert last(group).id == number
    assert not [call for call in server.calls if call.method == "deleteMessage"]
    assert blemishes(group.transcript) == []
