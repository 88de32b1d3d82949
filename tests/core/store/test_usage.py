"""What was asked is counted once, and stays countable when people are forgotten."""

import asyncio
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.contract import TALLY_KEYS, Author, Place, Store, Tally, TallyKey, Turn, TurnState
from madang.errors import TurnNotFound
from madang.store import SqliteStore, schema
from madang.store.database import Database
from madang.store.schema import prepare
from madang.store.usage import Usage

if TYPE_CHECKING:
    from tests.core.store.conftest import Talk, TalkIn

ALICE, BOB = Author("terminal:alice", "앨리스"), Author("terminal:bob", "밥")
TODAY, BEFORE = "2026-11-20", "2026-11-19"

calm = settings(deadline=None, derandomize=True, database=None, max_examples=60)


def spent(
    author: Author = ALICE, place: str = "terminal/yard", day: str = TODAY, *, requests: int = 1
) -> Tally:
    """Make what one answer costs: 10 tokens of prompt, 4 of them cached, and 5 of output."""
    return Tally(
        day=day,
        place=place,
        author=author,
        persona="friend",
        model="small",
        requests=requests,
        prompt=10,
        output=5,
        cached=4,
    )


async def asked(talk: "Talk", *costs: Tally) -> Turn:
    """Ask and answer once for each cost."""
    for cost in costs:
        question = await talk.say("질문", author=cost.author)
        answer = await talk.answer("", question, TurnState.PENDING)
        await talk.store.update(answer.id, state=TurnState.COMPLETE, spent=cost)
    return answer


async def total(
    store: Store, *, day: str = "", since: str = "", author: str = "", place: str = ""
) -> int:
    """Return the number of requests."""
    (sum_,) = await store.usage(day=day, since=since, author=author, place=place)
    return sum_.requests


# --- counting --------------------------------------------------------------------------------


async def test_a_day_adds_up(store: Store, talk: "Talk") -> None:
    await asked(talk, spent(), spent(), spent(BOB), spent(day=BEFORE))
    rows = await store.usage(*TALLY_KEYS, since=TODAY)
    assert [(row.author.id, row.requests, row.prompt, row.output, row.cached) for row in rows] == [
        ("terminal:alice", 2, 20, 10, 8),
        ("terminal:bob", 1, 10, 5, 4),
    ]
    assert rows[0].tokens == 30
    assert [(row.day, row.requests) for row in await store.usage("day")] == [
        (BEFORE, 1),
        (TODAY, 3),
    ]


async def test_nothing_asked_sums_up_to_nothing(store: Store) -> None:
    assert await store.usage() == [Tally()]
    assert await store.usage("day") == []


async def test_persons_have_the_name_they_had_last(store: Store, talk: "Talk") -> None:
    await asked(talk, spent())
    await talk.say("나 이름 바꿨어", author=Author(ALICE.id, "앨리"))
    (row,) = await store.usage("author")
    assert row.author == Author(ALICE.id, "앨리")


async def test_a_turn_that_is_gone_costs_nothing(store: Store) -> None:
    with pytest.raises(TurnNotFound):
        await store.update("gone", state=TurnState.COMPLETE, spent=spent())
    assert await total(store) == 0


async def test_two_processes_lose_no_count(tmp_path: Path, talk_in: "TalkIn") -> None:
    stores = [await SqliteStore.open(tmp_path / "store.db") for _ in range(2)]
    turns = [await (await talk_in(each)).say("질문") for each in stores]
    await asyncio.gather(
        *(
            store.update(turn.id, shown="", spent=spent())
            for _ in range(50)
            for store, turn in zip(stores, turns, strict=True)
        )
    )
    assert await total(stores[0]) == 100
    for each in stores:
        await each.close()


PLACES = ["a", "a/b", "a/b/c", "a/bc", "a/b-c", "a/b0", "ab", "가/나", "가/나/다"]
tallies = st.lists(
    st.builds(
        Tally,
        day=st.sampled_from([BEFORE, TODAY]),
        place=st.sampled_from(PLACES),
        author=st.sampled_from([Author("x:1", ""), Author("x:2", "")]),
        persona=st.sampled_from(["p", "q"]),
        model=st.just("m"),
        requests=st.integers(0, 5),
        prompt=st.integers(0, 50),
    ),
    max_size=12,
)


@calm
@given(
    tallies,
    st.sampled_from(PLACES),
    st.sets(st.sampled_from(TALLY_KEYS)),
    st.sampled_from(["", "x:1"]),
)
def test_sums_are_those_of_what_was_counted(
    counted: list[Tally], place: str, by: Collection[TallyKey], author: str
) -> None:
    db = Database(":memory:")
    prepare(db)
    usage = Usage(db)
    for each in counted:
        usage.count(each)
    wanted: dict[tuple[str, ...], int] = {} if by else {("",) * 5: 0}
    for each in counted:
        below = place in Place(each.place).lineage
        if below and each.day >= TODAY and author in ("", each.author.id):
            key = key_of(each, by)
            wanted[key] = wanted.get(key, 0) + each.requests
    found = usage.sums("", TODAY, author, place, by)
    assert {key_of(each, by): each.requests for each in found} == wanted
    db.close()


def key_of(tally: Tally, by: Collection[TallyKey]) -> tuple[str, ...]:
    values = {**{key: getattr(tally, key) for key in TALLY_KEYS}, "author": tally.author.id}
    return tuple(values[key] if key in by else "" for key in TALLY_KEYS)


# --- forgetting ------------------------------------------------------------------------------


async def test_the_forgotten_leave_a_count_and_no_trace(store: Store, talk: "Talk") -> None:
    await asked(talk, spent(), spent(BOB), spent(place="telegram/alice"), spent(place="telegram/a"))
    await store.forget(ALICE.id)
    rows = await store.usage("place", "author")
    assert [(row.place, row.author.id, row.requests) for row in rows] == [
        ("telegram", "", 2),
        ("terminal/yard", "", 1),
        ("terminal/yard", BOB.id, 1),
    ]
    assert rows[2].author.name == BOB.name
    await store.forget(BOB.id)
    assert await total(store, place="terminal") == 2
    assert await total(store, author=BOB.id) == 0


async def test_no_byte_of_a_count_stays(tmp_path: Path, talk_in: "TalkIn") -> None:
    file = tmp_path / "secret.db"
    store = await SqliteStore.open(file)
    talk = await talk_in(store)
    costs = [spent(Author(f"who-{n % 9}-", ""), f"telegram/{n % 9}-chat") for n in range(300)]
    await asked(talk, *costs)
    await store.forget("who-3-")
    await store.close()
    assert all(b"who-3-" not in f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
    assert b"3-chat" not in file.read_bytes()
    assert b"4-chat" in file.read_bytes()


async def test_days_expire_with_the_conversations(store: Store, talk: "Talk") -> None:
    await asked(talk, spent(day="2026-11-18"), spent(day=BEFORE), spent())
    await store.expire(1_795_089_600 + 3600)  # 01:00 of the 19th
    assert [row.day for row in await store.usage("day")] == [BEFORE, TODAY]


async def test_a_file_of_schema_2_begins_to_count(tmp_path: Path, talk_in: "TalkIn") -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as old, old:
        for statements in schema.MIGRATIONS[:2]:
            for statement in statements:
                old.execute(statement)
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 2")
    store = await SqliteStore.open(file)
    assert await store.usage(*TALLY_KEYS) == []
    await asked(await talk_in(store), spent())
    assert await total(store, day=TODAY, author=ALICE.id, place="terminal") == 1
    await store.close()
    assert schema.backups(file) == [schema.backup_name(file, 2)]
