"""Filters are made by name, once, and again when their table changes."""

import pytest

from madang.contract import Author, Filter, Place
from madang.errors import SettingsError
from madang.filters import FilterBuilder, WordList
from madang.settings import Settings

PLACE = Place("tty")
AUTHOR = Author("tty:1", "벗")


class House:
    """Hold settings that may change, and count how often a filter is made."""

    def __init__(self, **filters: dict[str, object]) -> None:
        self.settings = Settings(filters=filters)
        self.made = 0
        self.builder = FilterBuilder(lambda: self.settings, {"wordlist": self.make})

    def make(self, settings: dict[str, object]) -> Filter:
        self.made += 1
        return WordList.of(settings)

    async def said(self, text: str, *names: str) -> str:
        return (await self.builder(names).incoming(text, AUTHOR, PLACE)).text


async def test_a_filter_is_made_once() -> None:
    house = House(wordlist={"words": ["a"]})
    assert await house.said("a b", "wordlist", "wordlist") == "＊ b"
    assert await house.said("a b", "wordlist") == "＊ b"
    assert house.made == 1


async def test_two_filters_of_one_kind_stand_side_by_side() -> None:
    house = House(
        first={"kind": "wordlist", "words": ["a"]}, second={"kind": "wordlist", "words": ["b"]}
    )
    assert await house.said("a b", "first", "second") == "＊ ＊"
    assert await house.said("a b", "second") == "a ＊"


async def test_a_changed_table_takes_effect_and_a_wrong_one_does_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House(wordlist={"words": ["a"]})
    assert await house.said("a b", "wordlist") == "＊ b"
    house.settings = Settings(filters={"wordlist": {"words": ["b"]}})
    assert await house.said("a b", "wordlist") == "a ＊"
    house.settings = Settings(filters={"wordlist": {"words": 3}})
    assert await house.said("a b", "wordlist") == "a ＊"
    assert await house.said("a b", "wordlist") == "a ＊"
    assert len(caplog.records) == 1


def test_a_wrong_table_names_the_filter() -> None:
    with pytest.raises(SettingsError, match=r"filters.bad: .*words: expected array"):
        House(bad={"kind": "wordlist", "words": 3}).builder(["bad"])
    with pytest.raises(SettingsError, match=r"(?s)filters.wordlst: .*Did you mean 'wordlist'"):
        House().builder(["wordlst"])
