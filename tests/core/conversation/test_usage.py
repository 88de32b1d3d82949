"""What an answer costs is counted when it ends, for who asked and where."""

import json
from pathlib import Path

import pytest
from tests.core.conversation.test_judging import PAIR, PASSAGE, PROFILE

from madang.contract import Author, Place, Tally, TurnState
from madang.conversation import export_json
from madang.errors import ModelError
from madang.testing import Answer, HeldBackend, ScriptedBackend, end_of
from madang.testing.chat import Chat, open_chat

OTHER = Author("test:other", "철수")


async def counted(chat: Chat) -> Tally:
    """Sum all that was counted."""
    await chat.conversations.settled()
    (sum_,) = await chat.yard.store.usage()
    return sum_


async def test_an_answer_is_counted_for_who_asked_and_where(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("안녕")
        await chat.conversations.settled()
        chat.author, chat.place = OTHER, Place("test/two")
        await chat.ask("잘 가", persona="other")
        await chat.conversations.settled()
        rows = await chat.yard.store.usage("place", "author", "persona", "model")
    assert [(row.place, row.author, row.persona, row.model) for row in rows] == [
        ("test/main", Author("test:somebody", "나"), "friend", "echo"),
        ("test/two", OTHER, "other", "echo"),
    ]
    # A token of the echo is a character; the prompts begin with seven and eight of them.
    assert [(row.requests, row.prompt, row.output) for row in rows] == [(1, 9, 2), (1, 11, 3)]


async def test_tries_of_a_judge_cost_tokens_and_are_one_question(tmp_path: Path) -> None:
    path = tmp_path / "judged.toml"
    path.write_text(PROFILE, "utf-8")
    backend = ScriptedBackend(answers=["그냥 글", Answer(PAIR, "length"), PAIR])
    async with open_chat(path, backend=backend) as chat:
        await chat.ask(PASSAGE)
        first = await counted(chat)
        assert (first.requests, first.output) == (1, len("그냥 글") + 2 * len(PAIR))
        backend.script = ["하나", "둘", "셋"]
        assert (await chat.ask(PASSAGE)).state is TurnState.FAILED
        assert (await counted(chat)).requests == 2


async def test_what_no_model_came_to_costs_nothing(profile: Path) -> None:
    backend = ScriptedBackend(answers=[ModelError("broken")])
    async with open_chat(profile, backend=backend) as chat:
        assert (await chat.ask("안녕")).state is TurnState.FAILED
        assert await counted(chat) == Tally()


async def test_an_answer_that_was_stopped_costs_what_it_had(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "가나다라")
        await backend.held.wait()
        await chat.conversations.stop(chat.place)
        sum_ = await counted(chat)
        assert (sum_.requests, sum_.output) == (1, 2)


async def test_another_try_and_going_on_are_questions_of_their_own(profile: Path) -> None:
    backend = ScriptedBackend(answers=["하나", Answer("둘", "length"), "셋"])
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("세어 봐")
        await chat.conversations.retry(chat.place)
        await chat.conversations.settled()
        await chat.conversations.go_on(chat.place)
        sum_ = await counted(chat)
        assert (sum_.requests, sum_.output) == (3, 4)


async def test_what_was_counted_is_exported_and_forgotten(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("안녕")
        await chat.conversations.settled()
        belongings = await chat.conversations.everything(chat.author.id)
        text = export_json(belongings.turns, usage=belongings.usage, options=belongings.options)
        exported = json.loads(text)
        assert exported["options"] == {}
        (row,) = exported["usage"]
        assert (row["place"], row["requests"], row["output"]) == ("test/main", 1, 2)
        assert [turn["shown"] for turn in exported["turns"]] == ["안녕", "안녕"]
        await chat.conversations.forget(chat.author.id)
        assert (await chat.conversations.everything(chat.author.id)).usage == []
        assert (await counted(chat)).requests == 1


@pytest.mark.parametrize(("kind", "seconds"), [("interactive", 50.0), ("bulk", 700.0)])
async def test_bulk_work_may_wait_longer(profile: Path, kind: str, seconds: float) -> None:
    folder = profile.parent / "personas" / "friend" / "persona.toml"
    text = folder.read_text("utf-8")
    folder.write_text(text + f'request_class = "{kind}"\n', "utf-8")
    limits = "[limits]\nwait_seconds = 50\nbulk_wait_seconds = 700\n"
    profile.write_text(profile.read_text("utf-8") + limits, "utf-8")
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.use(Place("test/main"), "friend:shy")
        await chat.conversations.say(chat.place, chat.author, "안녕")
        await backend.held.wait()
        (request,) = backend.answered
        turn = (await chat.conversations.history(chat.place))[-1]
        assert request.request_class == kind
        assert seconds - 1 < request.deadline - turn.created < seconds + 1
        backend.go.set()
        assert (await end_of(chat.yard.queue, request.id)).text == "안녕"
