"""The index over the messages of platforms, and what is deleted or left behind by them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.contract import Author, Place, Store, Turn, TurnState
from madang.errors import TurnNotFound
from madang.store import SqliteStore, schema

if TYPE_CHECKING:
    from tests.core.store.conftest import Talk, TalkIn

BOB = Author("terminal:bob", "밥")


async def found(store: Store, place: str, message: str) -> str:
    return next((each.turn.raw for each in await store.find(Place(place), message)), "")


async def test_finds_by_place_and_message(store: Store, talk_in: "TalkIn") -> None:
    for key in ("telegram/1/5", "telegram/12", "telegram/2"):
        talk = await talk_in(store, Place(key))
        turn = await talk.say(key)
        await store.update(turn.id, message_ids=("7", "7", "8"))
    assert await found(store, "telegram/1", "7") == "telegram/1/5"
    assert await found(store, "telegram/1/5", "8") == "telegram/1/5"
    assert await found(store, "telegram/12", "7") == "telegram/12"
    assert await found(store, "telegram", "7") == "telegram/2"
    assert await found(store, "telegram/1/50", "7") == ""
    assert await found(store, "telegram/1", "9") == ""


async def test_the_index_follows_every_change(store: Store, talk: "Talk") -> None:
    turn = await talk.say("하나")
    await store.update(turn.id, message_ids=("1", "2"))
    await store.update(turn.id, message_ids=("2", "3"))
    await store.update(turn.id, raw="둘")
    key = talk.conversation.place.key
    assert [await found(store, key, number) for number in "123"] == ["", "둘", "둘"]
    await store.remove([turn.id])
    assert await found(store, key, "2") == ""
    assert await store.locate(turn.id) is None


async def test_of_several_turns_the_shown_one_is_found(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    variants = [await talk.answer(text, question) for text in ("하나", "둘", "셋")]
    for each in variants:
        await store.update(each.id, message_ids=("1",))
    key = talk.conversation.place.key
    assert await found(store, key, "1") == "셋"
    await store.choose(variants[0].id)
    assert await found(store, key, "1") == "하나"
    await store.reset(talk.conversation.place)
    assert await found(store, key, "1") == "하나"


async def test_a_file_of_schema_3_gets_its_index(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as old, old:
        for statement in (each for step in schema.MIGRATIONS[:3] for each in step):
            old.execute(statement)
        old.execute(
            "INSERT INTO conversation (id, bot, place, created, touched, tip)"
            " VALUES ('talk', 'discord', 'discord/1', 1, 1, 'question')"
        )
        old.execute(
            "INSERT INTO turn (id, conversation, parent, depth, chosen, role, author_id,"
            " author_name, persona, raw, shown, state, problem, message_ids, created) VALUES"
            " ('question', 'talk', NULL, 0, 1, 'user', 'a', 'A', '', '왜?', '왜?', 'complete',"
            """ '', '["12", "13"]', 1)"""
        )
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 3")
    store = await SqliteStore.open(file)
    (here,) = await store.find(Place("discord"), "13")
    assert (here.turn.raw, here.turn.asks, here.conversation.since) == ("왜?", True, 0)
    assert await store.unshown("discord") == []
    await store.close()


async def test_removes_turns_and_keeps_what_follows(store: Store, talk: "Talk") -> None:
    first = await talk.say("하나")
    answer = await talk.answer("답", first)
    second = await talk.say("둘", answer)
    await talk.answer("둘째 답", second)
    await store.remove([first.id, answer.id])
    assert await talk.texts() == ["둘", "둘째 답"]
    assert [turn.depth for turn in await store.history(talk.conversation.id)] == [0, 1]
    rest = await store.history(talk.conversation.id)
    await store.remove([turn.id for turn in rest])
    assert await talk.texts() == []
    assert await store.conversation(talk.conversation.place) == talk.conversation
    await store.remove([])
    await store.remove(["nothing"])


async def test_a_reset_takes_what_follows_a_turn_along(store: Store, talk: "Talk") -> None:
    old = talk.conversation
    await store.bind(old.id, "friend")
    await store.notice(old.id, "finance")
    first = await talk.say("하나")
    second = await talk.say("둘", await talk.answer("답", first))
    one = await talk.answer("가", second)
    other = await talk.answer("나", second)
    new = await store.reset(old.place, second.id)
    assert (new.persona, new.noticed, new.since) == ("friend", ("finance",), second.created)
    assert [turn.raw for turn in await store.history(new.id)] == ["둘", "나"]
    await store.choose(one.id)
    assert [turn.raw for turn in await store.history(new.id)] == ["둘", "가"]
    assert [turn.depth for turn in await store.tree(new.id)] == [0, 1, 1]
    assert [turn.raw for turn in await store.history(old.id)] == ["하나", "답"]
    for gone in (first.id, other.id, "nothing"):
        with pytest.raises(TurnNotFound):
            await store.reset(old.place, gone)
    assert await store.conversation(old.place) == new


async def test_a_reset_never_loses_its_time(store: Store, talk: "Talk") -> None:
    turn = await talk.say("하나")
    later = await store.reset(talk.conversation.place)
    assert later.since > turn.created
    assert (await store.conversation(Place("terminal/else"))).since == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12), st.data())
async def test_removing_keeps_every_tree_whole(
    shape: list[tuple[bool, bool]], data: st.DataObject
) -> None:
    store = await SqliteStore.open(":memory:")
    conversation = (await store.conversation(Place("test/1"))).id
    turns: list[Turn] = []
    for number, (asks, branch) in enumerate(shape):
        history = await store.history(conversation)
        parent = history[-1].id if history else None
        if branch and turns:
            parent = data.draw(st.sampled_from([None, *(each.id for each in turns)]))
        turns += [
            await store.add(
                Turn(
                    id=str(number),
                    parent=parent,
                    conversation=conversation,
                    role="user" if asks else "persona",
                    author=BOB,
                    created=float(number),
                )
            )
        ]
    before = [turn.id for turn in await store.history(conversation)]
    gone = data.draw(st.sets(st.sampled_from([turn.id for turn in turns])))
    await store.remove(sorted(gone))
    assert [turn.id for turn in await store.history(conversation)] == [
        each for each in before if each not in gone
    ]
    left = {turn.id: turn for turn in await store.tree(conversation)}
    assert left.keys() == {turn.id for turn in turns} - gone
    for turn in left.values():
        assert turn.depth == (left[turn.parent].depth + 1 if turn.parent else 0)
    await store.close()


async def test_only_questions_have_to_be_answered(tmp_path: Path, talk_in: "TalkIn") -> None:
    store = await SqliteStore.open(tmp_path / "store.db")
    talk = await talk_in(store)
    heard = [
        Turn(
            id=f"heard{number}",
            parent=f"heard{number - 1}" if number else None,
            conversation=talk.conversation.id,
            role="user",
            author=BOB,
            created=float(number),
            asks=False,
        )
        for number in range(3)
    ]
    for turn in heard:
        await store.add(turn)
    await store.close()
    store = await SqliteStore.open(tmp_path / "store.db")
    assert await store.adopt("terminal") == []
    talk = await talk_in(store)
    asked = await talk.say("질문", heard[-1])
    await store.add(
        Turn(
            id="after",
            parent=asked.id,
            conversation=talk.conversation.id,
            role="user",
            author=BOB,
            created=9.0,
            asks=False,
        )
    )
    await store.close()
    store = await SqliteStore.open(tmp_path / "store.db")
    assert [each.id for each in await store.adopt("terminal")] == [talk.conversation.id]
    await store.update(asked.id, asks=False, state=TurnState.COMPLETE)
    await store.close()
    store = await SqliteStore.open(tmp_path / "store.db")
    assert await store.adopt("terminal") == []
    await store.close()
