"""Filters in a conversation: what is typed, and what is shown while it grows."""

from pathlib import Path

import pytest

from madang.contract import TurnState
from madang.errors import Refused
from madang.testing import ScriptedBackend
from madang.testing.chat import open_chat

MASKING = """
[filters.wordlist]
enabled = true
words = ["바보"]
incoming = "refuse"
outgoing = "mask"
"""


def switch_on(profile: Path, text: str) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write(text)


async def test_refuses_what_is_typed_before_it_is_stored(profile: Path) -> None:
    switch_on(profile, MASKING)
    async with open_chat(profile) as chat:
        with pytest.raises(Refused):
            await chat.ask("이 바보야")
        assert await chat.shown() == []


async def test_masks_a_growing_answer_without_ever_showing_the_word(profile: Path) -> None:
    switch_on(profile, MASKING)
    backend = ScriptedBackend(answers=["너는 바보가 아니야"])
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "안녕")
        seen = [update.text async for update in (await chat.reply(1)).updates()]
    assert not any("바" in text for text in seen)
    assert seen[-1].startswith("너는 ")
    assert seen[-1].endswith("가 아니야")


async def test_refuses_an_answer(profile: Path) -> None:
    switch_on(profile, MASKING.replace('"mask"', '"refuse"'))
    backend = ScriptedBackend(answers=["너는 바보"])
    async with open_chat(profile, backend=backend) as chat:
        update = await chat.ask("안녕")
        assert update.state is TurnState.FAILED
        assert update.text == ""
        assert update.problem is not None
        assert update.problem.code == "refused"


async def test_is_switched_on_and_off_live_and_by_place(profile: Path) -> None:
    switch_on(profile, MASKING.replace("enabled = true", "enabled = false"))
    async with open_chat(profile) as chat:
        assert (await chat.ask("바보")).text == "바보"
        switch_on(profile, "[places.'test/main']\nfilters = ['wordlist']\n")
        with pytest.raises(Refused):
            await chat.ask("바보")
