"""In which language the bot speaks: with each person in theirs, whoever spoke last."""

from pathlib import Path

import pytest
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown
from tests.bots.telegram.world import PARROT

from madang.contract import Place
from madang.testing import EchoBackend, HeldBackend
from madang.testing.telegram import Chat, Person, TelegramServer


@pytest.fixture
def john(server: TelegramServer) -> Person:
    """Return somebody whose client speaks English."""
    return server.person("John", "john", "en-GB")


async def test_buttons_speak_the_language_of_who_asked(
    bot: Bot, minji: Person, john: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(group, "@madang_bot 긴 이야기를 해 줘")
        await backend.held.wait()
        john.says(group, "/help@madang_bot")
        await group.transcript.until(lambda seen: "/stop" in "".join(seen.answers()))
        backend.go.set()
        await shown(group, "🔄 다시")


async def test_a_sample_is_what_the_button_said(
    bot: Bot, minji: Person, john: Person, group: Chat
) -> None:
    async with bot(EchoBackend()):
        minji.says(group, "/start@madang_bot")
        menu = await shown(group, "날씨가 좋아")
        assert await john.clicks(menu, "날씨가 좋아").answered() == ""
        await group.transcript.until(lambda seen: "날씨가 좋아" in seen.answers())
        asked = next(each for each in group.transcript.screen() if "💬" in each.text)
        assert asked.text == "💬 John: 날씨가 좋아"
        assert group.transcript.screen()[-1].reply_to == asked.id


async def test_limits_and_notices_are_told_in_the_language_of_the_person(
    bot: Bot, server: TelegramServer, john: Person, tmp_path: Path
) -> None:
    home = tmp_path / "plugins" / "crow"
    home.mkdir(parents=True)
    text = PARROT.replace("parrot", "crow").replace("앵무새", "까마귀").replace("Parrot", "Crow")
    text = text.replace('description = "따라', 'notice = "조심하세요"\ndescription = "따라')
    text = text.replace('description = "A bird', 'notice = "Careful"\ndescription = "A bird')
    (home / "persona.toml").write_text(text, "utf-8")
    chat = server.private(john)
    async with bot(EchoBackend()) as yard:
        await yard.conversations.options.set(Place(f"telegram/{chat.id}"), "daily_requests", 1)
        john.says(chat, "/persona crow")
        await shown(chat, "doing?")
        john.says(chat, "one")
        await chat.transcript.until(lambda seen: seen.answers()[-1] == "one\n\nCareful")
        john.says(chat, "two")
        await chat.transcript.until(lambda seen: len(seen.answers()) == 3)
    assert chat.transcript.answers()[-1].isascii()
