"""What people do to one answer, named by its turn."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from madang.contract import Author, TurnState
from madang.conversation import Controls, Said
from madang.errors import ConversationBusy, MadangError, NothingThere, NotTheLast, TurnNotFound
from madang.testing import HeldBackend, ScriptedBackend
from madang.testing.chat import Chat, open_chat

Act = Callable[[Controls, str], Awaitable[object]]
LAST_ONLY: list[Act] = [
    lambda controls, turn: controls.retry(turn),
    lambda controls, turn: controls.go_on(turn),
    lambda controls, turn: controls.show(turn),
    lambda controls, turn: controls.turn_page(turn, -1),
]


async def last(chat: Chat) -> str:
    return (await chat.conversations.history(chat.place))[-1].id


async def test_a_retry_is_shown_in_the_same_messages(profile: Path) -> None:
    async with open_chat(profile, backend=ScriptedBackend(answers=["첫째", "둘째"])) as chat:
        await chat.ask("골라 봐")
        first = await last(chat)
        assert await chat.conversations.messages.shown_as(first, ["10", "11"])
        await chat.conversations.controls.retry(first)
        reply = await chat.reply(2)
        assert (await reply.final()).text == "둘째"
        assert reply.turn.message_ids == ("10", "11")
        found = await chat.conversations.messages.find(chat.place, "10")
        assert found is not None
        assert found.turn.id == reply.turn.id


async def test_pages_through_the_variants_by_any_of_them(profile: Path) -> None:
    backend = ScriptedBackend(answers=["첫째", "둘째", "셋째"])
    async with open_chat(profile, backend=backend) as chat:
        controls = chat.conversations.controls
        await chat.ask("골라 봐")
        first = await last(chat)
        for number in (2, 3):
            await controls.retry(first)
            await (await chat.reply(number)).final()
            await chat.conversations.settled()
        assert [each.chosen for each in await controls.variants(first)] == [False, False, True]
        assert (await controls.turn_page(first, -1)).shown == "둘째"
        assert (await controls.turn_page(first, -1)).shown == "첫째"
        with pytest.raises(NothingThere):
            await controls.turn_page(first, -1)
        assert await chat.shown() == ["골라 봐", "첫째"]
        third = (await controls.variants(first))[2]
        shown = await controls.show(third.id)
        assert (shown.id, shown.chosen) == (third.id, True)
        assert await chat.shown() == ["골라 봐", "셋째"]


@pytest.mark.parametrize("act", LAST_ONLY)
async def test_only_the_last_answer_changes(profile: Path, act: Act) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        older = await last(chat)
        await chat.ask("둘")
        with pytest.raises(NotTheLast):
            await act(chat.conversations.controls, older)
        await chat.conversations.reset(chat.place)
        with pytest.raises(NotTheLast):
            await act(chat.conversations.controls, older)


@pytest.mark.parametrize("act", LAST_ONLY)
async def test_not_while_an_answer_is_on_its_way(profile: Path, act: Act) -> None:
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        with pytest.raises(ConversationBusy):
            await act(chat.conversations.controls, await last(chat))
        backend.go.set()


@pytest.mark.parametrize("act", [*LAST_ONLY, lambda controls, turn: controls.delete(turn)])
async def test_what_is_gone_is_named(profile: Path, act: Act) -> None:
    async with open_chat(profile) as chat:
        with pytest.raises(MadangError) as caught:
            await act(chat.conversations.controls, "nothing")
        assert isinstance(caught.value, TurnNotFound)
        assert not await chat.conversations.controls.stop("nothing")


async def test_stops_only_the_answer_that_is_named(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        controls = chat.conversations.controls
        await chat.conversations.say(chat.place, chat.author, "가나다라")
        await backend.held.wait()
        assert not await controls.stop("another")
        assert await controls.stop(await last(chat))
        update = await (await chat.reply(1)).final()
        assert (update.text, update.state) == ("가나", TurnState.STOPPED)
        await chat.conversations.settled()
        await controls.go_on(await last(chat))
        backend.go.set()
        assert (await (await chat.reply(2)).final()).text.startswith("가나")


async def test_a_deleted_answer_leaves_what_follows(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        first = await last(chat)
        await chat.ask("둘")
        assert [turn.id for turn in await chat.conversations.controls.delete(first)] == [first]
        assert await chat.shown() == ["하나", "둘", "둘"]


async def test_deleting_an_answer_on_its_way_asks_nothing_again(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "가나다라")
        await backend.held.wait()
        (gone,) = await chat.conversations.controls.delete(await last(chat))
        assert gone.state is TurnState.STOPPED
        await chat.conversations.settled()
        assert len(chat.replies) == 1
        assert await chat.shown() == ["가나다라"]
        backend.go.set()
        # What was asked before is still there to be read.
        assert (await chat.ask("마")).text == "가나다라\n마"


async def test_who_asked_is_who_asked_and_not_who_spoke_in_between(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=1)
    async with open_chat(profile, backend=backend) as chat:
        bystander = Author("test:bystander", "지나가는 이")
        await chat.conversations.say(chat.place, chat.author, "가나")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "다라", message_id="2")
        await chat.conversations.record(chat.place, [Said(author=bystander, text="밥 먹자")])
        backend.go.set()
        await chat.conversations.settled()
        answer = (await chat.conversations.history(chat.place))[-1]
        question = await chat.conversations.controls.question(answer)
        assert question is not None
        assert (question.raw, question.author) == ("다라", chat.author)


async def test_a_notice_belongs_to_the_first_answer_in_all_its_variants(profile: Path) -> None:
    backend = ScriptedBackend(answers=["", "첫째", "다시", "둘째"])
    async with open_chat(profile, backend=backend) as chat:
        controls = chat.conversations.controls
        empty = await chat.ask("하나")
        assert empty.text == ""
        await controls.retry(await last(chat))
        await (await chat.reply(2)).final()
        await chat.conversations.settled()
        first = await last(chat)
        await controls.retry(first)
        await (await chat.reply(3)).final()
        await chat.conversations.settled()
        await chat.ask("둘")
        await chat.conversations.settled()
        assert [reply.notice for reply in chat.replies] == [*["시험이에요."] * 3, ""]
        again = await controls.reply(first, ["10"])
        assert (again.notice, again.latest.text) == ("시험이에요.", "첫째")
        assert again.turn.message_ids == ("10",)
        assert (await controls.reply(await last(chat), ())).notice == ""
