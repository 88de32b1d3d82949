"""Notes that outlive a bot: kept, replaced, let go, forgotten with their author, expired."""

import sqlite3
from contextlib import closing
from pathlib import Path

from madang.contract import Place, Store, TurnState
from madang.store import SqliteStore, schema


async def test_notes_come_back_in_their_order(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "store.db")
    await store.keep("telegram", "update/9", "하나")
    await store.keep("telegram", "update/10", "둘")
    await store.keep("telegram", "job/1", "셋")
    await store.keep("discord", "update/9", "넷")
    await store.keep("telegram", "update/9", "다섯")
    await store.close()
    store = await SqliteStore.open(tmp_path / "store.db")
    assert list((await store.kept("telegram", "update/")).items()) == [
        ("update/9", "다섯"),
        ("update/10", "둘"),
    ]
    assert list(await store.kept("telegram")) == ["update/9", "update/10", "job/1"]
    await store.let_go("telegram", "update/9")
    await store.let_go("telegram", "update/9")
    assert list(await store.kept("telegram", "update/")) == ["update/10"]
    assert await store.kept("discord", "update%") == {}
    await store.close()


async def test_notes_go_with_who_they_are_about(store: Store) -> None:
    await store.keep("telegram", "1", "비밀", "telegram:7")
    await store.keep("telegram", "2", "남의 말", "telegram:8")
    await store.forget("telegram:7")
    assert await store.kept("telegram") == {"2": "남의 말"}


async def test_old_notes_expire(store: Store) -> None:
    await store.keep("telegram", "1", "오래된 말")
    await store.expire(0)
    assert list(await store.kept("telegram")) == ["1"]
    await store.expire(float("inf"), Place("telegram/1"))
    assert list(await store.kept("telegram")) == ["1"]
    await store.expire(2e9 * 5)
    assert await store.kept("telegram") == {}


async def test_a_file_of_schema_4_learns_which_answers_were_cut(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as old, old:
        for statement in (each for step in schema.MIGRATIONS[:4] for each in step):
            old.execute(statement)
        old.execute(
            "INSERT INTO conversation (id, bot, place, created, touched, tip)"
            " VALUES ('talk', 'discord', 'discord/1', 1, 1, 'answer')"
        )
        old.execute(
            "INSERT INTO turn (id, conversation, parent, depth, chosen, role, author_id,"
            " author_name, persona, raw, shown, state, problem, message_ids, created) VALUES"
            " ('answer', 'talk', NULL, 0, 1, 'persona', 'a', 'A', '', '답', '답', 'complete',"
            " '', '[]', 1)"
        )
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 4")
    store = await SqliteStore.open(file)
    before = await store.turn("answer")
    assert before is not None
    assert (before.cut, before.state) == (False, TurnState.COMPLETE)
    await store.update("answer", cut=True)
    after = await store.turn("answer")
    assert after is not None
    assert after.cut
    await store.close()
