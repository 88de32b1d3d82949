"""Forgetting a person leaves the others' words, and none of theirs anywhere."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from madang.contract import Author, Place, Store, Turn, TurnState
from madang.errors import TurnNotFound
from madang.store.conversations import Conversations
from madang.store.people import People
from madang.store.sqlite import close_files, open_files
from madang.store.trees import Trees

if TYPE_CHECKING:
    from tests.core.store.conftest import Talk

BOB = Author("terminal:bob", "밥")


def traces(folder: Path, *needles: str) -> list[Path]:
    """List the files that hold one of the texts."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [f for f in files if any(text.encode() in f.read_bytes() for text in needles)]


async def test_answers_go_with_the_question_and_the_rest_closes_up(
    store: Store, talk: "Talk"
) -> None:
    hello = await talk.say("밥이 먼저", author=BOB)
    question = await talk.say("앨리스가 묻는다", hello)
    variant = await talk.answer("하나", question)
    answer = await talk.answer("둘", question)
    going_on = await talk.answer("둘, 이어서", answer)
    reply = await talk.say("밥이 답한다", going_on, author=BOB)
    alice = question.author.id
    gone = [question, variant, answer, going_on]
    assert [turn.id for turn in await store.everything(alice)] == [turn.id for turn in gone]
    assert await store.forget(alice) == 4
    assert await store.everything(alice) == []
    assert await talk.texts() == ["밥이 먼저", "밥이 답한다"]
    moved = await store.turn(reply.id)
    assert moved is not None
    assert (moved.parent, moved.depth) == (hello.id, 1)


async def test_the_first_to_speak_can_be_forgotten(store: Store, talk: "Talk") -> None:
    first = await talk.say("앨리스")
    reply = await talk.say("밥", first, author=BOB)
    await store.forget(first.author.id)
    moved = await store.turn(reply.id)
    assert moved is not None
    assert (moved.parent, moved.depth, moved.chosen) == (None, 0, True)
    assert await talk.texts() == ["밥"]


async def test_what_was_not_shown_is_not_shown_after(store: Store, talk: "Talk") -> None:
    hello = await talk.say("밥", author=BOB)
    edited = await talk.say("앨리스 처음", hello)
    await talk.say("숨은 밥", edited, author=BOB)
    edit = await talk.say("앨리스 고침", hello)
    await talk.say("보이는 밥", edit, author=BOB)
    await store.forget(edit.author.id)
    assert await talk.texts() == ["밥", "보이는 밥"]


async def test_an_empty_conversation_goes_with_its_place(store: Store, talk: "Talk") -> None:
    turn = await talk.say("나만 있다")
    await store.forget(turn.author.id)
    assert await store.places("terminal") == []
    assert (await store.conversation(talk.conversation.place)).id != turn.conversation


async def test_an_answer_on_its_way_finds_its_turn_gone(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    answer = await talk.answer("", question, TurnState.PENDING)
    await store.forget(question.author.id)
    with pytest.raises(TurnNotFound):
        await store.update(answer.id, raw="늦었다", state=TurnState.COMPLETE)


async def test_nobody_is_forgotten_twice(store: Store) -> None:
    assert await store.forget("terminal:nobody") == 0


def test_no_byte_of_it_stays_in_the_files(tmp_path: Path) -> None:
    # Texts of many lengths, so that pages are split and copies of records stay between others:
    # with this seed `secure_delete` alone leaves some.
    some = random.Random(1)
    db, owners = open_files(tmp_path / "secret.db")
    trees, people = Trees(db, owners), People(db)
    begin = Conversations(db, trees).conversation
    conversations = [begin(Place(f"t/{n}")).id for n in range(8)]
    for serial in range(500):
        conversation, n = some.choice(conversations), some.randrange(6)
        words = f"umbrella-{n}- "
        eve = Author(f"eve-{n}-", f"Secret-{n}-")
        asked = Turn(
            id=f"t{2 * serial + 1}",
            parent=None,
            conversation=conversation,
            role="user",
            author=eve,
            created=1.0,
            raw=words * some.randrange(120),
        )
        pending = replace(
            trees.add(asked),
            id=f"t{2 * serial + 2}",
            parent=asked.id,
            role="persona",
            author=Author("p", "p"),
            raw="",
            state=TurnState.PENDING,
        )
        trees.add(pending)
        trees.update(pending.id, words * some.randrange(120), None, None, None, None, None)
        trees.update(pending.id, words, None, TurnState.COMPLETE, None, None, None)
    for n in range(0, 6, 2):
        assert people.forget(f"eve-{n}-") > 0
        assert not traces(tmp_path, f"eve-{n}-", f"Secret-{n}-", f"umbrella-{n}-")
    assert traces(tmp_path, "umbrella-1-")
    close_files(db, owners)
