"""What people do to messages of their platform: edit, delete, forget what is above."""

import asyncio
from pathlib import Path

import pytest

from madang.contract import Author, Place, TurnState
from madang.conversation import Said
from madang.errors import ConversationBusy, MessageEmpty, NothingThere, Quota, Refused
from madang.testing import EchoBackend, HeldBackend
from madang.testing.chat import Chat, open_chat

OTHER = Author("test:other", "철수")
ANYWHERE = Place("test")


async def ask(chat: Chat, text: str, message: str) -> None:
    """Ask in one message and have the answer shown in another one."""
    number = len(chat.replies) + 1
    await chat.conversations.say(chat.place, chat.author, text, message_id=message)
    reply = await chat.reply(number)
    await chat.conversations.messages.shown_as(reply.turn.id, [f"a{message}"])
    await reply.final()
    await chat.conversations.settled()


async def test_finds_turn_and_place_by_message(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        messages = chat.conversations.messages
        asked, answered = await chat.conversations.history(chat.place)
        for message, turn in (("1", asked), ("a1", answered)):
            found = await messages.find(ANYWHERE, message)
            assert found is not None
            assert (found.turn, found.conversation.place) == (turn, chat.place)
        assert await messages.find(Place("test/mai"), "1") is None
        assert await messages.find(chat.place, "2") is None
        assert not await messages.shown_as("nothing", ["3"])


async def test_editing_the_last_question_answers_anew_in_the_same_messages(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        await ask(chat, "둘", "2")
        assert await chat.conversations.messages.edited(ANYWHERE, chat.author, "2", "두울")
        reply = await chat.reply(3)
        assert (await reply.final()).text == "두울"
        assert reply.turn.message_ids == ("a2",)
        assert await chat.shown() == ["하나", "하나", "두울", "두울"]
        await chat.conversations.settled()
        assert len(await chat.conversations.tree(chat.place)) == 4


async def test_editing_an_older_question_changes_only_the_history(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await ask(chat, "하나", "1")
        await ask(chat, "둘", "2")
        assert await chat.conversations.messages.edited(ANYWHERE, chat.author, "1", "한나")
        assert await chat.shown() == ["한나", "하나", "둘", "둘"]
        await ask(chat, "셋", "3")
    assert len(backend.answered) == 3
    assert "한나" in backend.answered[-1].prompt.text


async def test_editing_a_question_that_is_being_answered(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "가나다라", message_id="1")
        await backend.held.wait()
        reply = await chat.reply(1)
        await chat.conversations.messages.shown_as(reply.turn.id, ["a1"])
        assert await chat.conversations.messages.edited(chat.place, chat.author, "1", "마바")
        backend.go.set()
        again = await chat.reply(2)
        assert again.turn.message_ids == ("a1",)
        assert (await again.final()).text == "마바"
        assert await chat.shown() == ["마바", "마바"]


async def test_what_changes_nothing(profile: Path) -> None:
    async with open_chat(profile) as chat:
        messages = chat.conversations.messages
        await ask(chat, "하나", "1")
        assert not await messages.edited(chat.place, chat.author, "1", " 하나 ")
        assert not await messages.edited(chat.place, chat.author, "a1", "둘")
        assert not await messages.edited(chat.place, chat.author, "9", "둘")
        with pytest.raises(NothingThere, match="somebody else"):
            await messages.edited(chat.place, OTHER, "1", "둘")
        with pytest.raises(MessageEmpty):
            await messages.edited(chat.place, chat.author, "1", "\x00")
        assert not await messages.deleted(chat.place, "9")
        assert await chat.shown() == ["하나", "하나"]
        assert len(chat.replies) == 1


async def test_filters_and_limits_see_the_new_text(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[filters.wordlist]\nenabled = true\nwords = ['나쁜말']\n")
        file.write("incoming = 'refuse'\n[limits]\ndaily_requests = 2\n")
    async with open_chat(profile) as chat:
        messages = chat.conversations.messages
        await ask(chat, "하나", "1")
        with pytest.raises(Refused):
            await messages.edited(chat.place, chat.author, "1", "나쁜말")
        await ask(chat, "둘", "2")
        with pytest.raises(Quota):
            await messages.edited(chat.place, chat.author, "2", "두울")
        assert await messages.edited(chat.place, chat.author, "1", "한나")
        assert await chat.shown() == ["한나", "하나", "둘", "둘"]


async def test_deleting_a_question_takes_its_answer_along(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        await ask(chat, "둘", "2")
        gone = await chat.conversations.messages.deleted(ANYWHERE, "1")
        assert [turn.message_ids for turn in gone] == [("1",), ("a1",)]
        assert await chat.shown() == ["둘", "둘"]
        gone = await chat.conversations.messages.deleted(ANYWHERE, "a2")
        assert [turn.message_ids for turn in gone] == [("a2",)]
        assert await chat.shown() == ["둘"]


async def test_deleting_a_question_stops_its_answer_and_asks_what_came_after(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=1)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "비밀", message_id="1")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "둘", message_id="2")
        gone = await chat.conversations.messages.deleted(chat.place, "1")
        backend.go.set()
        assert len(gone) == 2
        assert (await (await chat.reply(1)).final()).state is TurnState.STOPPED
        assert (await (await chat.reply(2)).final()).text == "둘"
        assert await chat.shown() == ["둘", "둘"]
    assert "비밀" not in backend.answered[-1].prompt.text


async def test_deleting_one_message_of_a_burst(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=1)
    async with open_chat(profile, backend=backend) as chat:
        first = Said(author=chat.author, text="하나", message_id="1")
        await chat.conversations.say(chat.place, chat.author, "둘", message_id="2", before=[first])
        await backend.held.wait()
        gone = await chat.conversations.messages.deleted(chat.place, "2")
        backend.go.set()
        assert [turn.role for turn in gone] == ["user", "persona"]
        assert (await (await chat.reply(2)).final()).text == "하나"
        await chat.conversations.settled()
        await ask(chat, "셋", "3")
        # Now that it is answered, the answer stays: others of the burst asked for it too.
        assert await chat.shown() == ["하나", "하나", "셋", "셋"]


async def test_editing_one_message_of_a_burst(profile: Path) -> None:
    async with open_chat(profile) as chat:
        first = Said(author=chat.author, text="하나", message_id="1")
        await chat.conversations.say(chat.place, chat.author, "둘", message_id="2", before=[first])
        assert (await (await chat.reply(1)).final()).text == "하나\n둘"
        await chat.conversations.settled()
        assert await chat.conversations.messages.edited(chat.place, chat.author, "1", "한나")
        assert (await (await chat.reply(2)).final()).text == "한나\n둘"


async def test_forgetting_what_is_above(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        messages = chat.conversations.messages
        await ask(chat, "비밀", "1")
        await ask(chat, "둘", "2")
        await ask(chat, "셋", "3")
        await messages.forget_above(ANYWHERE, "2")
        assert await chat.shown() == ["둘", "둘", "셋", "셋"]
        await ask(chat, "넷", "4")
        assert "비밀" not in backend.answered[-1].prompt.text
        assert len((await chat.conversations.everything(chat.author.id)).turns) == 8
        # What is above is not read back from the platform either.
        old = Said(author=chat.author, text="더 오래된 비밀", message_id="0", created=1.0)
        assert await chat.conversations.record(chat.place, [old]) == 0
        with pytest.raises(NothingThere):
            await messages.forget_above(ANYWHERE, "9")


async def test_forgetting_waits_for_nobody(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나", message_id="1")
        await backend.held.wait()
        with pytest.raises(ConversationBusy):
            await chat.conversations.messages.forget_above(chat.place, "1")
        backend.go.set()


async def test_a_message_is_asked_once(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        again = await chat.conversations.say(chat.place, chat.author, "하나", message_id="1")
        assert again.message_ids == ("1",)
        heard = Said(author=OTHER, text="둘", message_id="2")
        await chat.conversations.record(chat.place, [heard])
        await chat.conversations.say(chat.place, OTHER, "둘", message_id="2")
        await chat.conversations.settled()
        assert len(chat.replies) == 2


async def test_a_place_with_a_new_name_goes_on(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.conversations.options.set(chat.place, "persona", "other")
        await ask(chat, "하나", "1")
        await chat.conversations.move(chat.place, Place("test/renamed"))
        chat.place = Place("test/renamed")
        assert await chat.shown() == ["하나", "하나"]
        assert (await chat.conversations.current(chat.place)).persona.name == "other"


async def test_what_was_read_along_elsewhere_is_edited_and_deleted_too(profile: Path) -> None:
    branch = Place("test/main/branch")
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        copied = [
            Said(author=chat.author, text="하나", message_id="1"),
            Said(author=OTHER, text="하나", message_id="a1", persona="friend"),
        ]
        assert await chat.conversations.record(branch, copied) == 2
        messages = chat.conversations.messages
        assert await messages.edited(ANYWHERE, chat.author, "1", "한나")
        await chat.conversations.settled()
        read = await chat.conversations.history(branch)
        assert [turn.raw for turn in read] == ["한나", "하나"]
        gone = await messages.deleted(ANYWHERE, "1")
        assert [turn.raw for turn in gone] == ["한나", "한나", "한나"]
        assert await chat.conversations.history(chat.place) == []
        for turn in gone:
            for message in turn.message_ids:
                await messages.deleted(ANYWHERE, message)
        assert await chat.conversations.history(branch) == []


async def test_an_edit_that_is_taken_back_at_once(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        edited = chat.conversations.messages.edited
        await asyncio.gather(
            edited(ANYWHERE, chat.author, "1", "둘"), edited(ANYWHERE, chat.author, "1", "하나")
        )
        await chat.conversations.settled()
        assert await chat.shown() == ["하나", "하나"]


async def test_messages_show_one_variant_only(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        first = (await chat.conversations.history(chat.place))[-1]
        await chat.conversations.controls.retry(first.id)
        await chat.conversations.settled()
        messages, variants = chat.conversations.messages, chat.conversations.controls.variants
        assert [turn.message_ids for turn in await variants(first.id)] == [(), ("a1",)]
        await messages.shown_as(first.id, ["a1", "a2"])
        assert [turn.message_ids for turn in await variants(first.id)] == [("a1", "a2"), ()]


async def test_editing_what_was_only_heard_leaves_the_answer(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        heard = Said(author=OTHER, text="고래는 물고기야", message_id="1")
        await chat.conversations.record(chat.place, [heard])
        await ask(chat, "정말?", "2")
        assert await chat.conversations.messages.edited(chat.place, OTHER, "1", "고래는 새야")
        assert (await chat.shown())[0] == "고래는 새야"
        assert len(chat.replies) == 1
    assert len(backend.answered) == 1


async def test_an_edit_may_address_somebody_else(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await ask(chat, "하나", "1")
        asked, answered = await chat.conversations.history(chat.place)
        messages = chat.conversations.messages
        assert await messages.edited(chat.place, chat.author, "1", "하나", persona=answered.persona)
        await (await chat.reply(2)).final()
        asked, again = await chat.conversations.history(chat.place)
        assert (asked.persona, again.persona) == (answered.persona, answered.persona)
        assert not await messages.edited(
            chat.place, chat.author, "1", "하나", persona=asked.persona
        )


async def test_an_edit_is_followed_though_others_ask_meanwhile(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "사과 이야기", message_id="1")
        await backend.held.wait()
        await chat.conversations.messages.shown_as((await chat.reply(1)).turn.id, ["a1"])
        await chat.conversations.say(chat.place, OTHER, "나도", message_id="2")
        assert await chat.conversations.messages.edited(chat.place, chat.author, "1", "바나나")
        backend.go.set()
        again = await chat.reply(2)
        assert again.turn.message_ids == ("a1",)
        await again.final()
        assert (await chat.shown())[:2] == ["바나나", "나도"]
        assert len(await chat.conversations.history(chat.place)) == 3
