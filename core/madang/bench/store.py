"""What a turn costs in an empty store and in a full one, beside a bare SQLite insert."""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from madang.contract import Author, Place, Turn, TurnState
from madang.store import SqliteStore

Progress = Callable[[str], None]

PERSON = Author("bench:person", "사람")
PERSONA = Author("persona:bench", "페르소나")
QUESTION = "중앙은행의 역할에 대해서 설명해줄래?"
ANSWER = "중앙은행은 물가를 안정시키고 금융 제도를 지키는 기관입니다. " * 8
FILLERS_AT_ONCE = 200


async def bench_store(
    conversations: int = 100_000, turns: int = 500, progress: Progress = lambda line: None
) -> dict[str, object]:
    """Measure `turns` whole turns in an empty store and beside `conversations` others, in turn.

    A whole turn is what the conversation asks of the store: find the place, add the question,
    add a pending answer, read the history, finish the answer. Times are in milliseconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        empty = await SqliteStore.open(Path(folder) / "empty.db")
        full = await SqliteStore.open(Path(folder) / "full.db")
        try:
            progress(f"filling in {conversations:,} conversations")
            seconds = await fill(full, conversations, progress)
            progress(f"{turns:,} turns in an empty store and a full one")
            with closing(bare_database(Path(folder) / "bare.db")) as bare:
                times = await race(empty, full, bare, turns)
        finally:
            await empty.close()
            await full.close()
        size = (Path(folder) / "full.db").stat().st_size
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "conversations": conversations,
        "file_mib": round(size / 2**20, 1),
        "fill_seconds": round(seconds, 1),
        "empty": spread(times["empty"]),
        "full": spread(times["full"]),
        "peer": {"name": "sqlite3: one INSERT, one transaction, WAL", **spread(times["bare"])},
        "ratios": {
            "full_to_empty": round(medians["full"] / medians["empty"], 2),
            "full_to_peer": round(medians["full"] / medians["bare"], 1),
        },
    }


async def race(
    empty: SqliteStore, full: SqliteStore, bare: sqlite3.Connection, count: int
) -> dict[str, list[float]]:
    """Time `count` turns of one conversation in each store, one by one in turn."""
    place = Place("bench/race")
    last: dict[str, str | None] = {"empty": None, "full": None}
    times: dict[str, list[float]] = {"empty": [], "full": [], "bare": []}
    for _ in range(count):
        for name, store in (("empty", empty), ("full", full)):
            begin = time.perf_counter()
            last[name] = await whole_turn(store, place, last[name])
            times[name].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        bare.execute("INSERT INTO turn VALUES (?, ?)", (uuid4().hex, ANSWER))
        times["bare"].append(time.perf_counter() - begin)
    return times


async def whole_turn(store: SqliteStore, place: Place, parent: str | None) -> str:
    """Do what one question asks of a store, and return the answer's id."""
    conversation = await store.conversation(place)
    question = await store.add(turn_in(conversation.id, parent, QUESTION))
    answer = await store.add(answer_to(question))
    await store.history(conversation.id)
    await store.update(answer.id, raw=ANSWER, shown=ANSWER, state=TurnState.COMPLETE)
    return answer.id


async def fill(store: SqliteStore, count: int, progress: Progress) -> float:
    """Add conversations of one question and one answer each; return the seconds it took."""
    begin = time.perf_counter()
    for first in range(0, count, FILLERS_AT_ONCE):
        places = [Place(f"bench/{n}") for n in range(first, min(first + FILLERS_AT_ONCE, count))]
        work: list[Awaitable[str]] = [whole_turn(store, place, None) for place in places]
        await asyncio.gather(*work)
        if first % 10_000 == 0:
            progress(f"{first:,} of {count:,}")
    return time.perf_counter() - begin


def bare_database(path: Path) -> sqlite3.Connection:
    """Open what the standard library offers, set to be as durable as the store."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE turn (id TEXT PRIMARY KEY, raw TEXT)")
    return connection


def turn_in(conversation: str, parent: str | None, text: str) -> Turn:
    """Make a question."""
    return Turn(
        id=uuid4().hex,
        parent=parent,
        conversation=conversation,
        role="user",
        author=PERSON,
        created=time.time(),
        raw=text,
        shown=text,
    )


def answer_to(question: Turn) -> Turn:
    """Make the answer that is on its way."""
    return Turn(
        id=uuid4().hex,
        parent=question.id,
        conversation=question.conversation,
        role="persona",
        author=PERSONA,
        created=time.time(),
        persona="bench",
        state=TurnState.PENDING,
    )


def spread(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49] * 1e3, 3), "p99_ms": round(cuts[98] * 1e3, 3)}
