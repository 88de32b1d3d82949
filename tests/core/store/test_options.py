"""Options of places and persons, and the end of places."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from madang.contract import Author, Place, Removed, Store, Tally
from madang.store import SqliteStore

if TYPE_CHECKING:
    from tests.core.store.conftest import TalkIn


async def test_options_come_back_with_every_change(store: Store) -> None:
    table = await store.options()
    assert table is not None
    assert table.said == {}
    assert await store.options(table.revision) is None
    await store.set_option("discord/1", "locale", '"ko"')
    await store.set_option("discord/1", "free", "true")
    await store.set_option("discord:1", "locale", '"en"')
    await store.set_option("discord/1", "locale", '"en"')
    await store.set_option("discord/1", "free", None)
    newer = await store.options(table.revision)
    assert newer is not None
    assert newer.said == {"discord/1": {"locale": '"en"'}, "discord:1": {"locale": '"en"'}}
    await store.forget("discord:1")
    last = await store.options(newer.revision)
    assert last is not None
    assert last.said == {"discord/1": {"locale": '"en"'}}


async def test_processes_see_each_others_options(tmp_path: Path) -> None:
    one = await SqliteStore.open(tmp_path / "store.db")
    other = await SqliteStore.open(tmp_path / "store.db")
    table = await one.options()
    assert table is not None
    await other.set_option("discord/1", "free", "true")
    newer = await one.options(table.revision)
    assert newer is not None
    assert newer.said == {"discord/1": {"free": "true"}}
    await one.close()
    await other.close()


async def test_a_place_ends_with_all_below_it(store: Store, talk_in: "TalkIn") -> None:
    for key in ("discord/1", "discord/1/2", "discord/12"):
        talk = await talk_in(store, Place(key))
        await talk.answer("답", await talk.say("말"))
        await store.set_option(key, "free", "true")
    await store.reset(Place("discord/1"))
    removed = await store.end(Place("discord/1"))
    assert removed == Removed(conversations=3, turns=4, options=2)
    assert await store.places("discord") == [Place("discord/12")]
    table = await store.options()
    assert table is not None
    assert list(table.said) == ["discord/12"]
    assert await store.end(Place("discord/1")) == Removed(conversations=0, turns=0, options=0)


async def test_one_place_expires_without_those_it_spares(store: Store, talk_in: "TalkIn") -> None:
    for key in ("discord/1", "discord/1/2", "discord/1/3", "discord/12"):
        await (await talk_in(store, Place(key))).say("말")
        await store.reset(Place(key))
    now = time.time() + 1
    assert await store.expire(now, Place("discord/1"), [Place("discord/1/3")]) == 4
    assert await store.places("discord") == [Place("discord/1/3"), Place("discord/12")]
    assert await store.expire(now) == 4


async def test_a_place_moves_with_all_below_it(store: Store, talk_in: "TalkIn") -> None:
    for key in ("telegram/1", "telegram/1/5", "telegram/12", "telegram/-100/5"):
        turn = await (await talk_in(store, Place(key))).say(key)
        await store.update(turn.id, message_ids=("7",))
    await store.set_option("telegram/1", "free", "true")
    await store.set_option("telegram/1/5", "free", "true")
    await store.set_option("telegram/-100/5", "free", "false")
    tally = Tally(day="2026-11-20", place="telegram/1", author=Author("a", ""), requests=2)
    await store.update(turn.id, spent=tally)
    await store.move(Place("telegram/1"), Place("telegram/-100"))
    keys = ["telegram/-100", "telegram/12", "telegram/-100/5"]
    assert [place.key for place in await store.places("telegram")] == keys
    table = await store.options()
    assert table is not None
    assert table.said == {
        "telegram/-100": {"free": "true"},
        "telegram/-100/5": {"free": "false"},
    }
    assert [each.place for each in await store.usage("place")] == ["telegram/-100"]
    (own,) = await store.find(Place("telegram/-100"), "7")
    assert own.turn.raw == "telegram/-100/5"
    assert not await store.find(Place("telegram/1"), "7")
