"""Modes of personas and long names: chosen, asked and told as what they are."""

from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown
from tests.bots.telegram.world import PARROT

from madang.contract import Place
from madang.testing import EchoBackend
from madang.testing.telegram import Chat, Person

MODES = """
[models.other]
backend = "echo"
context = 100000
[personas.crow.modes.short]
model = "other"
"""


def a_persona(folder: Path, name: str) -> None:
    """Write a persona of this name, which people see as 까마귀."""
    home = folder / "plugins" / name
    home.mkdir(parents=True)
    text = PARROT.replace("parrot", name).replace("앵무새", "까마귀").replace("Parrot", "Crow")
    (home / "persona.toml").write_text(text, "utf-8")


@pytest.fixture
def place(chat: Chat) -> Place:
    """Return the private chat."""
    return Place(f"telegram/{chat.id}")


async def test_a_sample_is_asked_of_the_chosen_mode(
    bot: Bot, minji: Person, chat: Chat, place: Place, tmp_path: Path
) -> None:
    a_persona(tmp_path, "crow")
    async with bot(EchoBackend(), more=MODES) as yard:
        minji.says(chat, "/persona crow:short")
        menu = await shown(chat, "뭐 해?")
        await minji.clicks(menu, "뭐 해?").answered()
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "뭐 해?")
        history = await yard.conversations.history(place)
    assert history[-1].persona == "crow:short"


async def test_about_tells_the_model_of_the_mode_one_chose_for_oneself(
    bot: Bot, minji: Person, chat: Chat, tmp_path: Path
) -> None:
    a_persona(tmp_path, "crow")
    async with bot(EchoBackend(), more=MODES) as yard:
        await yard.conversations.options.set(f"telegram:{chat.id}", "persona", "crow:short")
        minji.says(chat, "/about")
        await chat.transcript.until(lambda seen: "(crow:short)" in "".join(seen.answers()))
        assert "other" in chat.transcript.answers()[0]
        minji.says(chat, "/persona")
        await shown(chat, "✓ 까마귀 · short")


async def test_who_chose_a_persona_that_is_gone_can_choose_anew(
    bot: Bot, minji: Person, chat: Chat, tmp_path: Path
) -> None:
    a_persona(tmp_path, "crow")
    async with bot(EchoBackend()) as yard:
        await yard.conversations.options.set(f"telegram:{chat.id}", "persona", "crow")
    (tmp_path / "plugins" / "crow" / "persona.toml").unlink()
    (tmp_path / "plugins" / "crow").rmdir()
    async with bot(EchoBackend()):
        minji.says(chat, "/persona")
        await shown(chat, "✓ 앵무새")


async def test_a_link_opens_a_persona_with_a_long_name(
    bot: Bot, minji: Person, chat: Chat, place: Place, tmp_path: Path
) -> None:
    name = "bird_with_a_very_long_and_telling_name_number_7"
    a_persona(tmp_path, name)
    async with bot(EchoBackend()) as yard:
        minji.starts(chat, f"p_{name}")
        await chat.transcript.until(lambda seen: "까마귀" in "".join(seen.answers()))
        assert (await yard.conversations.options.at(place)).persona == name
