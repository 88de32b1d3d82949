"""What happens at the same time, and what breaks half-way: nothing hangs and nobody is confused."""

import asyncio
from pathlib import Path

import pytest
from tests.core.conversation.test_restart import run_until_held

from madang.contract import Author, Decision, Place, Turn, TurnState
from madang.errors import ConversationBusy, MadangError, ModelError, StoreNotWritable
from madang.filters import FilterChain
from madang.testing import Answer, EchoBackend, HeldBackend, ScriptedBackend, open_chat

SECONDS = 20
OTHER = Author("test:other", "철수")


class BrokenFilter:
    """Be a stranger's filter with a bug."""

    streams = True

    async def incoming(self, text: str, author: Author, place: Place) -> Decision:
        """Let everything through."""
        return Decision(text=text)

    async def outgoing(self, text: str, place: Place, *, final: bool) -> Decision:
        """Break."""
        raise RuntimeError("no luck")


async def test_a_bug_in_a_filter_shows_nothing_and_ends_the_answer(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asyncio.timeout(SECONDS), open_chat(profile) as chat:
        broken = FilterChain([BrokenFilter()])
        monkeypatch.setattr(chat.conversations._answers, "filters", lambda names: broken)
        update = await chat.ask("하나")
        assert (update.state, update.text) == (TurnState.FAILED, "")


async def test_a_persona_chosen_meanwhile_answers_the_next_question(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        await chat.conversations.use(chat.place, "other")
        await chat.conversations.say(chat.place, chat.author, "둘")
        backend.go.set()
        assert (await chat.reply(2)).persona.name == "other"


async def test_after_a_reset_nothing_old_is_answered(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "둘")
        await chat.conversations.reset(chat.place)
        backend.go.set()
        await chat.conversations.settled()
        assert len(chat.replies) == 1


async def test_going_on_may_be_tried_again(profile: Path) -> None:
    backend = ScriptedBackend(answers=[Answer("하나 둘", "length"), ModelError("broken"), " 셋"])
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend) as chat:
        await chat.ask("세어 봐")
        await chat.conversations.go_on(chat.place)
        assert (await (await chat.reply(2)).final()).state is TurnState.FAILED
        await chat.conversations.settled()
        await chat.conversations.go_on(chat.place)
        update = await (await chat.reply(3)).final()
        assert (update.text, update.state) == ("하나 둘 셋", TurnState.COMPLETE)


async def test_a_filter_that_cannot_be_made_leaves_nothing_pending(profile: Path) -> None:
    good = profile.read_text("utf-8")
    odd = "[filters.odd]\nkind = 'nosuch'\n[places.'test/main']\nfilters = ['odd']\n"
    async with asyncio.timeout(SECONDS), open_chat(profile) as chat:
        await chat.ask("하나")
        profile.write_text(good + odd, "utf-8")
        with pytest.raises(MadangError):
            await chat.conversations.retry(chat.place)
        profile.write_text(good + "# mended\n", "utf-8")
        assert (await chat.ask("둘")).text == "둘"


async def test_a_store_that_fails_half_way_leaves_nothing_pending(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(turn: str) -> list[Turn]:
        raise StoreNotWritable("talk.db: the disk is full.")

    async with asyncio.timeout(SECONDS), open_chat(profile) as chat:
        with monkeypatch.context() as broken:
            broken.setattr(chat.yard.store, "variants", full)
            with pytest.raises(StoreNotWritable):
                await chat.ask("하나")
        assert (await chat.ask("둘")).state is TurnState.COMPLETE


async def test_what_a_switched_off_persona_left_does_not_block(
    profile: Path, tmp_path: Path
) -> None:
    store = tmp_path / "talk.db"
    run_until_held(profile, store)
    text = profile.read_text("utf-8").replace('persona = "friend"', 'persona = "other"')
    off = "[personas.friend]\nenabled = false\n[personas.friend.modes.shy]"
    profile.write_text(text.replace("[personas.friend.modes.shy]", off), "utf-8")
    async with asyncio.timeout(SECONDS), open_chat(profile, store=str(store)) as chat:
        await chat.conversations.settled()
        assert (await chat.ask("일곱")).state is TurnState.COMPLETE


async def test_closing_leaves_what_is_just_being_asked_to_the_next(
    profile: Path, tmp_path: Path
) -> None:
    backend, store = HeldBackend("echo"), str(tmp_path / "talk.db")
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend, store=store) as chat:
        asking = asyncio.create_task(chat.conversations.say(chat.place, chat.author, "하나"))
        await asyncio.sleep(0)
        await chat.conversations.close()
        await asking
        await chat.conversations.settled()
        history = await chat.conversations.history(chat.place)
        assert [turn.state for turn in history] == [TurnState.COMPLETE, TurnState.PENDING]
    async with asyncio.timeout(SECONDS), open_chat(profile, store=store) as chat:
        await chat.conversations.settled()
        assert await chat.shown() == ["하나", "하나"]


async def test_closing_keeps_the_text_so_far(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "가나다라")
        updates = (await chat.reply(1)).updates()
        while not (await anext(updates)).text:
            pass
        await chat.conversations.close()
        last = (await chat.conversations.history(chat.place))[-1]
        assert ("가나".startswith(last.shown), last.state) == (True, TurnState.STOPPED)


async def test_forgetting_takes_answers_to_several_people_too(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "비밀")
        await chat.conversations.say(chat.place, OTHER, "둘")
        backend.go.set()
        await chat.conversations.settled()
        await chat.conversations.forget(chat.author.id)
        assert [turn.raw for turn in await chat.conversations.tree(chat.place)] == ["둘"]


async def test_another_process_answers_what_is_said_while_it_answers(
    profile: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "talk.db")
    backend = HeldBackend("echo")
    async with (
        asyncio.timeout(SECONDS),
        open_chat(profile, backend=backend, store=store) as one,
        open_chat(profile, store=store) as two,
    ):
        await one.conversations.say(one.place, one.author, "하나")
        await backend.held.wait()
        with pytest.raises(ConversationBusy):
            await two.conversations.go_on(two.place)
        await two.conversations.say(two.place, two.author, "둘")
        backend.go.set()
        await one.conversations.settled()
        assert [reply.latest.text for reply in one.replies] == ["하나", "둘"]


async def test_a_model_without_a_backend_is_told_at_once(profile: Path) -> None:
    text = profile.read_text("utf-8")
    profile.write_text(f"{text}[models.odd]\nbackend = 'nosuch'\n", "utf-8")
    async with asyncio.timeout(SECONDS), open_chat(profile, backend=EchoBackend("echo")) as chat:
        text = profile.read_text("utf-8").replace('model = "echo"', 'model = "odd"')
        profile.write_text(text, "utf-8")
        update = await chat.ask("하나")
        assert update.problem is not None
        assert update.problem.code == "worker_lost"
