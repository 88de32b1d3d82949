"""Pasted texts: what a client cuts into pieces is one question, whatever the pieces look like."""

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended

from madang.contract import Model, Place
from madang.testing import EchoBackend
from madang.testing.telegram import Chat, Person, TelegramServer

BIG = Model(context=100_000)
LONG = "\n".join(f"{number}번째 줄은 이렇게 생겼어요." for number in range(600))


async def test_a_pasted_text_goes_to_whom_it_addresses_with_what_it_replies_to(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    server.world.privacy = False
    backend = EchoBackend(model=BIG)
    async with bot(backend) as yard:
        said = junho.says(group, "고래는 물고기야")
        minji.says(group, f"@madang_bot 올빼미야, {LONG[:4000]}", reply_to=said)
        minji.says(group, f"앵무새야, {LONG[4000:5000]}")
        await group.transcript.until(lambda seen: "🔄 다시" in str(seen.screen()[-1].buttons))
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert history[-1].persona == "owl"
    assert "\n앵무새야, " in history[-2].raw
    assert "고래는 물고기야" in backend.answered[-1].prompt.text


@pytest.mark.parametrize("which", [0, 1, -1])
async def test_an_edit_of_a_piece_keeps_the_rest(
    bot: Bot, minji: Person, chat: Chat, which: int
) -> None:
    place = Place(f"telegram/{chat.id}")
    async with bot(EchoBackend(model=BIG)) as yard:
        pasted = minji.pastes(chat, LONG[:9000])
        await chat.transcript.until(lambda seen: "다시" in str(seen.screen()[-1].buttons))
        (before, _) = await yard.conversations.history(place)
        minji.edits(pasted[which], f"{pasted[which].text}고쳤어요")
        await chat.transcript.until(lambda seen: "고쳤어요" in "".join(seen.answers()))
        (question, _) = await yard.conversations.history(place)
    assert question.raw.replace("고쳤어요", "") == before.raw


async def test_a_piece_whose_others_are_forgotten_changes_nothing(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    place = Place(f"telegram/{chat.id}")
    async with bot(EchoBackend(model=BIG)) as yard:
        pasted = minji.pastes(chat, LONG[:9000])
        await chat.transcript.until(lambda seen: "다시" in str(seen.screen()[-1].buttons))
        (before, _) = await yard.conversations.history(place)
    async with bot(EchoBackend(model=BIG)) as yard:
        minji.edits(pasted[-1], "고쳤어요")
        minji.says(chat, "끝")
        await ended(chat, "끝")
        question = (await yard.conversations.history(place))[0]
    assert question.raw == before.raw


async def test_a_piece_that_looks_like_a_command_is_part_of_it(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = EchoBackend(model=BIG)
    async with bot(backend):
        minji.says(chat, "로그 " * 1300)
        minji.says(chat, "/etc 폴더에서 읽었어요")
        await chat.transcript.until(lambda seen: "다시" in str(seen.screen()[-1].buttons))
        minji.says(chat, "/etc 폴더")
        await chat.transcript.until(lambda seen: "없는 명령" in seen.answers()[-1])
    assert "/etc 폴더" in backend.answered[-1].prompt.text
    assert len(backend.answered) == 1


async def test_what_is_too_long_is_told_where_more_was_said_with_it(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    backend = EchoBackend()
    async with bot(backend):
        minji.pastes(chat, LONG + LONG)
        minji.says(chat, "위 글을 요약해 줘")
        await chat.transcript.until(lambda seen: "너무 길어요" in "".join(seen.answers()))
    assert not backend.answered
