"""Files that are damaged, foreign, newer, older, read-only or full."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from madang.contract import Place, Turn
from madang.errors import StoreCorrupt, StoreError, StoreNotWritable, StoreTooNew
from madang.store import SqliteStore, database, schema
from madang.store.database import Database

if TYPE_CHECKING:
    from tests.core.store.conftest import TalkIn

YARD = Place("terminal/yard")
SUMMER = ("ALTER TABLE turn ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'",)
NEWEST = len(schema.MIGRATIONS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "store.db"


async def filled(file: Path, talk_in: "TalkIn", count: int = 3) -> None:
    """Store a few turns and close."""
    store = await SqliteStore.open(file)
    kept = await talk_in(store)
    for number in range(count):
        await kept.say(f"말 {number}")
    await store.close()


def contents(file: Path) -> bytes:
    return file.read_bytes()


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def written(file: Path, content: bytes, at: int = 0) -> None:
    """Write over a file from an offset to its end or further."""
    file.parent.mkdir(exist_ok=True)
    file.touch()
    with file.open("r+b") as raw:
        raw.seek(at)
        raw.write(content)


def ask(file: Path, sql: str) -> list[tuple[object, ...]]:
    """Look into a file without our layer."""
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(sql).fetchall()


async def test_a_file_survives_closing_and_only_its_user_reads_it(
    file: Path, talk_in: "TalkIn"
) -> None:
    await filled(file, talk_in)
    assert mode(file) == 0o600
    store = await SqliteStore.open(str(file))
    assert len(await store.tree((await store.conversation(YARD)).id)) == 3
    await store.close()
    assert [path.name for path in file.parent.iterdir()] == ["store.db", "store.db.owners"]


@pytest.mark.parametrize(
    "content", [b"not a database\n" * 100, b"SQLite format 3\x00" + b"x" * 5000]
)
async def test_a_damaged_file_is_named_and_left_alone(file: Path, content: bytes) -> None:
    written(file, content)
    with pytest.raises(StoreCorrupt, match=r"store\.db") as caught:
        await SqliteStore.open(file)
    assert "aside" in caught.value.hint
    assert contents(file) == content


async def test_damage_found_later_is_named(file: Path, talk_in: "TalkIn") -> None:
    await filled(file, talk_in, 500)
    written(file, b"\xff" * (len(contents(file)) - 4096), at=4096)
    with pytest.raises(StoreCorrupt, match=r"store\.db"):
        await opened_and_read(file)


async def opened_and_read(file: Path) -> None:
    store = await SqliteStore.open(file)
    try:
        await store.conversation(YARD)
    finally:
        await store.close()


async def test_another_programs_database_is_refused(file: Path) -> None:
    written(file, b"")
    ask(file, "CREATE TABLE recipes (name TEXT)")
    before = contents(file)
    with pytest.raises(StoreCorrupt, match="another program"):
        await SqliteStore.open(file)
    assert contents(file) == before


async def test_a_newer_file_is_refused(file: Path, talk_in: "TalkIn") -> None:
    await filled(file, talk_in)
    ask(file, "PRAGMA user_version = 99")
    before = contents(file)
    with pytest.raises(StoreTooNew, match="schema 99"):
        await SqliteStore.open(file)
    assert contents(file) == before


async def test_a_file_that_becomes_newer_under_way_is_not_written(
    file: Path, talk_in: "TalkIn"
) -> None:
    store = await SqliteStore.open(file)
    kept = await talk_in(store)
    ask(file, "PRAGMA user_version = 99")
    with pytest.raises(StoreTooNew, match="while this one ran"):
        await kept.say("말")
    assert await kept.texts() == []
    await store.close()


async def test_an_older_file_is_migrated_with_a_copy_beside_it(
    file: Path, talk_in: "TalkIn", monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(file, talk_in)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, SUMMER))
    store = await SqliteStore.open(file)
    assert len(await store.tree((await store.conversation(YARD)).id)) == 3
    await store.close()
    copy = file.with_name(f"store.db.v{NEWEST}.bak")
    assert ask(file, "PRAGMA user_version") == [(NEWEST + 1,)]
    assert ask(file, "SELECT DISTINCT mood FROM turn") == [("calm",)]
    assert ask(copy, "PRAGMA user_version") == [(NEWEST,)]
    assert ask(copy, "SELECT raw FROM turn") == [("말 0",), ("말 1",), ("말 2",)]
    assert mode(copy) == 0o600
    assert schema.backups(file) == [copy]


async def test_a_file_of_schema_1_learns_which_model_answered(file: Path) -> None:
    written(file, b"")
    for statement in schema.MIGRATIONS[0]:
        ask(file, statement)
    ask(
        file,
        "INSERT INTO conversation (id, bot, place, created, touched, tip)"
        " VALUES ('talk', 'terminal', 'terminal/yard', 1, 1, 'answer')",
    )
    for row in (
        "('question', 'talk', NULL, 0, 1, 'user', 'a', 'A', '', '왜?', '왜?'",
        "('answer', 'talk', 'question', 1, 1, 'persona', 'p', 'P', 'friend', '음', '음'",
    ):
        ask(
            file,
            "INSERT INTO turn (id, conversation, parent, depth, chosen, role, author_id,"
            " author_name, persona, raw, shown, state, problem, message_ids, created)"
            f" VALUES {row}, 'complete', '', '[]', 1)",
        )
    ask(file, f"PRAGMA application_id = {schema.APPLICATION_ID}")
    ask(file, "PRAGMA user_version = 1")
    store = await SqliteStore.open(file)
    turns = await store.history("talk")
    assert [(turn.raw, turn.model) for turn in turns] == [("왜?", ""), ("음", "")]
    await store.update("answer", model="small")
    assert (await store.history("talk"))[1].model == "small"
    await store.close()
    assert ask(file, "PRAGMA user_version") == [(NEWEST,)]
    copy = schema.backup_name(file, 1)
    assert schema.backups(file) == [copy]
    assert ask(copy, "SELECT raw FROM turn") == [("왜?",), ("음",)]
    assert "model" not in {name for _, name, *_ in ask(copy, "PRAGMA table_info(turn)")}


async def test_a_migration_that_fails_changes_nothing(
    file: Path, talk_in: "TalkIn", monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(file, talk_in)
    broken = (*SUMMER, "ALTER TABLE nothing ADD COLUMN mood TEXT")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(sqlite3.OperationalError, match="nothing"):
            await SqliteStore.open(file)
    assert ask(file, "PRAGMA user_version") == [(NEWEST,)]
    await filled(file, talk_in)


async def test_forgetting_reaches_the_copies(
    file: Path, talk_in: "TalkIn", monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(file, talk_in)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, SUMMER))
    store = await SqliteStore.open(file)
    os.utime(schema.backup_name(file, NEWEST), (100, 100))
    await store.expire(99)
    assert schema.backups(file)
    await store.forget("terminal:alice")
    assert not schema.backups(file)
    await store.close()


async def test_a_full_disk_loses_the_last_turn_only(
    file: Path, talk_in: "TalkIn", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "PRAGMAS", (*schema.PRAGMAS, "PRAGMA max_page_count = 70"))
    store = await SqliteStore.open(file)
    kept = await talk_in(store)
    stored: list[Turn] = []
    with pytest.raises(StoreNotWritable, match="full") as caught:
        while len(stored) < 100:
            stored += [await kept.say("가" * 2000)]
    assert "disk space" in caught.value.hint
    assert stored
    assert [turn.id for turn in await store.tree(kept.conversation.id)] == [t.id for t in stored]
    assert await kept.texts() == [stored[-1].raw]
    await store.update(stored[-1].id, raw="짧은 말")
    assert await kept.texts() == ["짧은 말"]
    await store.close()


def test_a_write_refused_under_way_is_rolled_back() -> None:
    db = Database(":memory:")
    db.change("CREATE TABLE words (word TEXT)")
    with pytest.raises(StoreNotWritable, match="readonly"), db.transaction():
        db.change("INSERT INTO words VALUES ('말')")
        db.change("PRAGMA query_only = ON")
        db.change("INSERT INTO words VALUES ('말')")
    assert db.rows("SELECT * FROM words") == []
    db.close()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreNotWritable, match=r"store\.db"):
        await SqliteStore.open(tmp_path / "file" / "store.db")


OPEN = """
import asyncio, os, sys
from madang.errors import StoreNotWritable
from madang.store import SqliteStore
if os.getuid() == 0:
    os.setuid(65534)
try:
    asyncio.run(SqliteStore.open(sys.argv[1]))
except StoreNotWritable as error:
    print(error.message)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
@pytest.mark.parametrize(("mode", "parent"), [(0o444, 0o755), (0o644, 0o555)])
def test_read_only_is_named(mode: int, parent: int) -> None:
    # Not in tmp_path: when root runs the tests, the one root becomes could not get there.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        asyncio.run(opened_and_read(file))
        file.chmod(mode)
        file.parent.chmod(parent)
        said = subprocess.run(
            [sys.executable, "-c", OPEN, str(file)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        file.parent.chmod(0o755)
    assert f"Cannot write {file}" in said.stdout


def test_other_mistakes_stay_what_they_are() -> None:
    db = Database(":memory:")
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        db.rows("SELEKT")
    db.close()
    with pytest.raises(StoreError):
        raise database.damaged(Path("x"), "why")
