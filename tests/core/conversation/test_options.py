"""What people set while madang runs, over the profile."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from madang.contract import Place
from madang.errors import MadangError, Quota, SettingsError, SwitchedOff, UnknownPersona
from madang.testing.chat import open_chat

SERVER = Place("test/server")
CHANNEL = Place("test/server/channel")
THREAD = Place("test/server/channel/thread")
SOMEBODY = "test:somebody"


async def test_the_narrowest_place_wins_and_then_the_profile(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[places.'test/server/channel']\npersona = 'friend'\nlocale = 'en'\n")
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        assert (await options.at(THREAD)).persona == "friend"
        await options.set(SERVER, "persona", "other")
        assert (await chat.conversations.current(THREAD)).persona.name == "other"
        await options.set(THREAD, "persona", "friend:shy")
        assert (await chat.conversations.current(THREAD)).reference == "friend:shy"
        assert (await chat.conversations.current(CHANNEL)).persona.name == "other"
        assert chat.yard.locale(THREAD) == "en"
        await options.set(SERVER, "locale", "ko")
        assert chat.yard.locale(THREAD) == "ko"
        await options.unset(THREAD, "persona")
        await options.unset(SERVER, "locale")
        here = await options.at(THREAD)
        assert (here.persona, here.locale) == ("other", "en")
        assert (here.locked, here.free, here.errors, here.enabled) == (False, False, "reply", True)
        assert list(options.below(SERVER)) == [SERVER]
        assert options.below(Place("test/serve")) == {}


async def test_a_person_has_a_persona_of_their_own_unless_the_place_is_locked(
    profile: Path,
) -> None:
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        await options.set(SOMEBODY, "persona", "other")
        await options.set(SOMEBODY, "locale", "en")
        here = await options.at(CHANNEL, SOMEBODY)
        assert (here.persona, here.locale) == ("other", "en")
        assert (await options.at(CHANNEL)).persona == "friend"
        await options.set(SERVER, "locked", value=True)
        here = await options.at(CHANNEL, SOMEBODY)
        assert (here.persona, here.locale) == ("friend", "en")


@pytest.mark.parametrize(
    ("where", "key", "value", "error"),
    [
        (SERVER, "persona", "freind", UnknownPersona),
        (SERVER, "persona", "friend:shi", UnknownPersona),
        (SERVER, "locale", "fr", SettingsError),
        (SERVER, "loked", True, SettingsError),
        (SERVER, "free", "yes", SettingsError),
        (SERVER, "errors", "loud", SettingsError),
        (SERVER, "daily_requests", -1, SettingsError),
        (SOMEBODY, "free", True, SettingsError),
        ("nobody", "locale", "ko", SettingsError),
        (Place("test:x/1"), "locale", "ko", SettingsError),
    ],
)
async def test_what_does_not_fit_is_refused_and_named(
    profile: Path, where: Place | str, key: str, value: object, error: type[MadangError]
) -> None:
    async with open_chat(profile) as chat:
        with pytest.raises(error):
            await chat.conversations.options.set(where, key, value)
        assert await chat.yard.store.options(0) is None
        with pytest.raises(SettingsError, match="nothing"):
            await chat.conversations.options.unset(where, "nothing")


@pytest.mark.parametrize("where", [SERVER, SOMEBODY])
async def test_who_cannot_answer_is_not_chosen(profile: Path, where: Place | str) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[personas.other]\nenabled = false\n")
    async with open_chat(profile) as chat:
        with pytest.raises(SwitchedOff, match="other"):
            await chat.conversations.options.set(where, "persona", "other")
        assert await chat.yard.store.options(0) is None


async def test_where_a_place_is_switched_off_a_persona_can_be_chosen(profile: Path) -> None:
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        await options.set(SERVER, "enabled", False)
        await options.set(SERVER, "persona", "other")
        assert (await options.at(CHANNEL)).persona == "other"


async def test_where_nobody_was_named_it_says_who_answers(profile: Path) -> None:
    text = profile.read_text("utf-8").replace('persona = "friend"', "")
    profile.write_text(text, "utf-8")
    async with open_chat(profile) as chat:
        here = await chat.conversations.options.at(CHANNEL)
        assert here.persona == (await chat.conversations.current(CHANNEL)).reference


async def test_options_switch_off_but_not_on(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[places.'test/shut']\nenabled = false\n")
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        await options.set(Place("test"), "enabled", value=False)
        with pytest.raises(SwitchedOff):
            await chat.ask("하나")
        await options.set(chat.place, "enabled", value=True)
        assert (await chat.ask("둘")).text == "둘"
        await options.set(Place("test/shut"), "enabled", value=True)
        assert not (await options.at(Place("test/shut"))).enabled


async def test_options_add_limits_but_lift_none(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[places.'test/server']\ndaily_requests = 2\n")
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        chat.place = THREAD
        await options.set(CHANNEL, "daily_requests", 0)
        assert (await chat.ask("하나")).text
        await options.set(CHANNEL, "daily_requests", 1)
        with pytest.raises(Quota):
            await chat.ask("둘")
        await options.unset(CHANNEL, "daily_requests")
        assert (await chat.ask("둘")).text
        with pytest.raises(Quota):
            await chat.ask("셋")


async def test_another_process_sees_what_was_set(profile: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "talk.db")
    async with open_chat(profile, store=store) as one, open_chat(profile, store=store) as other:
        await one.conversations.options.set(SERVER, "persona", "other")
        assert (await other.conversations.current(CHANNEL)).persona.name == "other"
        # Different keys of one place, set side by side, are both kept.
        await other.conversations.options.set(SERVER, "free", value=True)
        here = await one.conversations.options.at(CHANNEL)
        assert (here.persona, here.free) == ("other", True)
    async with open_chat(profile, store=store) as later:
        assert later.conversations.options.place(CHANNEL).free


async def test_a_persona_that_vanished_is_told(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.yard.store.set_option(SERVER.key, "persona", '"gone"')
        with pytest.raises(UnknownPersona, match="gone"):
            await chat.conversations.current(CHANNEL)


async def test_export_and_forget_cover_what_a_person_set(profile: Path) -> None:
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        await options.set(SOMEBODY, "locale", "en")
        assert (await chat.conversations.everything(SOMEBODY)).options.locale == "en"
        await chat.conversations.forget(SOMEBODY)
        assert options.own(SOMEBODY) == type(options.own(SOMEBODY))()
        assert (await options.at(CHANNEL, SOMEBODY)).locale == "ko"


async def test_a_place_may_keep_shorter_than_the_profile_and_not_longer(
    profile: Path, tmp_path: Path
) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[store]\nretention_days = 30\n")
    store = tmp_path / "talk.db"
    async with open_chat(profile, store=str(store)) as chat:
        options = chat.conversations.options
        await options.set(SERVER, "retention_days", 7)
        await options.set(CHANNEL, "retention_days", 90)
        assert (await options.at(SERVER)).retention_days == 7
        assert (await options.at(CHANNEL)).retention_days == 30
        for place in (SERVER, THREAD, Place("test/else")):
            await chat.yard.store.conversation(place)
        made_older(store, days=10)
        assert await chat.conversations.expire() == 1
        assert await chat.yard.store.places("test") == [Place("test/else"), THREAD]
        made_older(store, days=31)
        assert await chat.conversations.expire() == 2


def made_older(store: Path, days: float) -> None:
    """Move every conversation back by so many days."""
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE conversation SET touched = ?", (time.time() - days * 86400,))


async def test_a_place_that_was_left_ends(profile: Path) -> None:
    async with open_chat(profile) as chat:
        options = chat.conversations.options
        for place in (CHANNEL, THREAD, Place("test/server2")):
            chat.place = place
            await chat.ask("하나")
        await options.set(CHANNEL, "persona", "other")
        await options.set(SERVER, "left", 12.5)
        assert options.said(SERVER).left == 12.5
        removed = await chat.conversations.end(SERVER)
        assert (removed.conversations, removed.turns, removed.options) == (2, 4, 2)
        assert await chat.yard.store.places("test") == [Place("test/server2")]
        assert (await chat.conversations.current(CHANNEL)).persona.name == "friend"
        (usage,) = await chat.yard.store.usage(author=SOMEBODY)
        assert usage.requests == 3
        assert [each.place for each in await chat.yard.store.usage("place")] == [
            "test",
            "test/server2",
        ]
