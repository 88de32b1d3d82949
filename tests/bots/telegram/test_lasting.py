"""Whatever goes wrong between the bot and Telegram: the answer arrives, whole and once."""

from collections.abc import Callable

from tests.bots.telegram.conftest import Bot

from madang.testing import EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.telegram import (
    Broken,
    Chat,
    Cut,
    Flood,
    Lost,
    Person,
    TelegramServer,
    Transcript,
    blemishes,
)

WHOLE = "처음부터 끝까지 다 있는 답"


def shows(text: str) -> Callable[[Transcript], bool]:
    """Return what finds out whether one message with a text is all that the bot shows."""
    return lambda seen: seen.answers() == [text]


async def answered(chat: Chat) -> None:
    """Wait for the whole answer."""
    await chat.transcript.until(lambda seen: WHOLE in seen.answers())


async def test_a_final_text_waits_out_a_penalty_alone(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    other = server.person("준호")
    elsewhere = server.private(other)
    server.faults.plan(Flood(1), "editMessageText", chat=chat)
    async with bot(EchoBackend()):
        minji.says(chat, WHOLE)
        await server.until(lambda: any(call.code == 429 for call in server.calls))
        other.says(elsewhere, WHOLE)
        await answered(elsewhere)
        assert WHOLE not in chat.transcript.answers()
        await answered(chat)
    assert server.budget.ignored == 0
    assert chat.transcript.answers() == [WHOLE]


async def test_a_lost_response_leaves_at_most_one_placeholder(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Lost(), "sendMessage", chat=chat)
    async with bot(EchoBackend()):
        minji.says(chat, WHOLE)
        await answered(chat)
    assert chat.transcript.answers() == ["…", WHOLE]


async def test_servers_that_break_and_connections_that_are_cut_are_tried_again(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Broken(502), "sendMessage")
    server.faults.plan(Cut(), "editMessageText")
    server.faults.plan(Lost(), "editMessageText", nth=1)
    server.faults.plan(Broken(500), "getUpdates", nth=2)
    async with bot(EchoBackend()):
        minji.says(chat, WHOLE)
        await answered(chat)
    assert chat.transcript.answers() == [WHOLE]


async def test_a_storm_of_penalties_takes_nothing_away(bot: Bot, server: TelegramServer) -> None:
    people = [server.person(f"사람{number}") for number in range(8)]
    chats = [server.private(person) for person in people]
    server.faults.storm(7, longest=1)
    async with bot(EchoBackend()):
        for person, chat in zip(people, chats, strict=True):
            person.says(chat, f"**{WHOLE}** {chat.id}")
        for chat in chats:
            await chat.transcript.until(shows(f"{WHOLE} {chat.id}"), 15)
    assert server.budget.ignored == 0
    assert [blemish for chat in chats for blemish in blemishes(chat.transcript)] == []


async def test_a_message_that_was_deleted_meanwhile_comes_again(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    group = server.group("마당", minji)
    backend = HeldBackend(hold_after=4)
    async with bot(backend):
        minji.says(group, f"@madang_bot {WHOLE}")
        await group.transcript.until(lambda seen: any("처음" in text for text in seen.answers()))
        minji.deletes(group.messages[group.transcript.screen()[-1].id])
        backend.go.set()
        await answered(group)
    assert group.transcript.answers() == [WHOLE]


async def test_somebody_who_blocks_the_bot_does_not_trouble_it(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=4)
    async with bot(backend) as yard:
        minji.says(chat, WHOLE)
        await backend.held.wait()
        minji.blocks()
        backend.go.set()
        await yard.conversations.settled()
        assert WHOLE not in chat.transcript.answers()
        minji.unblocks()
        minji.says(chat, "다시 왔어")
        await chat.transcript.until(lambda seen: "다시 왔어" in "".join(seen.answers()))
    assert any(call.code == 403 for call in server.calls)
    assert "다시 왔어" in chat.transcript.answers()[-1]


async def test_a_server_without_drafts_gets_edits(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Broken(404), "sendMessageDraft", times=99)
    backend = HeldBackend(hold_after=4)
    async with bot(backend):
        minji.says(chat, WHOLE)
        await chat.transcript.until(lambda seen: "처음부터"[:4] in "".join(seen.answers()))
        backend.go.set()
        await answered(chat)
    assert chat.transcript.answers() == [WHOLE]


async def test_a_draft_that_is_refused_is_no_reason_to_show_none_any_more(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Broken(400), "sendMessageDraft")
    backend = HeldBackend(hold_after=4)
    async with bot(backend):
        minji.says(chat, WHOLE)
        await chat.transcript.until(lambda seen: "처음부터"[:4] in "".join(seen.answers()))
        backend.go.set()
        await answered(chat)
        assert chat.transcript.drafts() == []
        backend.go.clear()
        minji.says(chat, "그다음 물음")
        await chat.transcript.until(lambda seen: seen.drafts() != [])
        backend.go.set()
        await chat.transcript.until(lambda seen: "그다음 물음" in seen.answers())


async def test_what_was_not_shown_before_the_end_is_shown_after_the_next_start(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Flood(4), "editMessageText", chat=chat)
    async with bot(EchoBackend()):
        minji.says(chat, WHOLE)
        await server.until(lambda: any(call.code == 429 for call in server.calls))
    assert chat.transcript.answers() == ["…"]
    server.budget.forgive()
    async with bot(EchoBackend()):
        await answered(chat)
    assert chat.transcript.answers() == [WHOLE]


async def test_updates_that_come_twice_or_out_of_order_are_asked_once(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.world.updates.doubled = True
    async with bot(EchoBackend()):
        minji.says(chat, "하나")
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
        with server.world.updates.held() as row:
            said = minji.says(chat, "둘")
            minji.edits(said, "셋")
            row.reverse()
        await chat.transcript.until(lambda seen: len(seen.answers()) == 2)
        minji.says(chat, "넷")
        await chat.transcript.until(lambda seen: len(seen.answers()) == 3)
    assert [text.split("\n")[-1] for text in chat.transcript.answers()] == ["하나", "셋", "넷"]


async def test_an_edited_question_is_answered_anew_in_the_same_message(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["서울", "부산"])):
        said = minji.says(chat, "어디야?")
        await chat.transcript.until(lambda seen: seen.answers() == ["서울"])
        first = chat.transcript.screen()[-1].id
        minji.edits(said, "거기 말고 어디야?")
        await chat.transcript.until(lambda seen: seen.answers() == ["부산"])
    assert [(each.id, each.text) for each in chat.transcript.screen() if each.by_bot] == [
        (first, "부산")
    ]
    assert "서울" in [each.text for each in chat.transcript.versions(first)]


async def test_a_question_that_is_edited_while_it_is_answered_has_one_answer(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    group = server.group("마당", minji)
    for place, call in ((chat, ""), (group, "@madang_bot ")):
        backend = HeldBackend(hold_after=4)
        async with bot(backend):
            said = minji.says(place, f"{call}처음에 물은 것")
            await place.transcript.until(
                lambda seen: any("처음에" in each.text for each in seen.by_bot())
            )
            minji.edits(said, f"{call}{WHOLE}")
            backend.go.set()
            await answered(place)
        assert place.transcript.answers() == [WHOLE]
