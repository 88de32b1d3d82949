"""What is for the bot and what is not, how much of one person, and what edits change."""

import unicodedata
from pathlib import Path

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended
from tests.bots.telegram.world import PARROT

from madang.contract import Place
from madang.testing import EchoBackend, HeldBackend
from madang.testing.telegram import Attachment, Chat, Person, TelegramServer

SLOWER = "너무 빨라요"


async def test_commands_of_other_bots_are_nobodys_business(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    server.world.privacy = False
    async with bot(EchoBackend(), more="per_minute = 2"):
        for _ in range(5):
            minji.says(group, "/roll@dice_bot 6")
        minji.says(group, "/help@other_bot")
        minji.says(group, "@madang_bot 하나")
        await ended(group, "하나")
    assert group.transcript.answers() == ["하나"]


async def test_where_the_bot_is_switched_off_free_talk_is_not_complained_about(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person, group: Chat
) -> None:
    server.world.privacy = False
    place = Place(f"telegram/{group.id}")
    async with bot(EchoBackend()) as yard:
        await yard.conversations.options.set(place, "free", True)
        await yard.conversations.options.set(place, "enabled", False)
        junho.says(group, "우리끼리 하는 말")
        minji.says(group, "@madang_bot 하나")
        await group.transcript.until(lambda seen: "꺼져" in "".join(seen.answers()))
    assert len(group.transcript.answers()) == 1


async def test_what_only_begins_like_stop_is_limited(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(EchoBackend(), more="per_minute = 2"):
        for _ in range(8):
            minji.says(chat, "/stopx")
        await chat.transcript.until(lambda seen: SLOWER in "".join(seen.answers()))
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "멈출 답이" in seen.answers()[-1])
    assert len(chat.transcript.answers()) == 4


async def test_edits_count_for_the_limit(bot: Bot, minji: Person, chat: Chat) -> None:
    backend = EchoBackend()
    async with bot(backend, more="per_minute = 2") as yard:
        said = minji.says(chat, "하나")
        await ended(chat, "하나")
        minji.edits(said, "고침")
        await ended(chat, "고침")
        for number in range(4):
            minji.edits(said, f"고침 {number}")
        await chat.transcript.until(lambda seen: SLOWER in seen.answers()[-1])
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
    assert history[0].raw == "고침"
    assert "".join(chat.transcript.answers()).count(SLOWER) == 1


async def test_a_command_that_comes_twice_is_done_once(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(EchoBackend()) as yard:
        for word in ("하나", "둘"):
            minji.says(chat, word)
            await ended(chat, word)
        server.world.updates.doubled = True
        minji.says(chat, "/undo")
        minji.says(chat, "셋")
        await ended(chat, "셋")
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
    assert [turn.raw for turn in history if turn.role == "user"] == ["하나", "셋"]


async def test_an_edited_path_is_no_command(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(EchoBackend()):
        said = minji.says(chat, "/usr/bin이 뭐야?")
        await ended(chat, "/usr/bin이 뭐야?")
        minji.edits(said, "/usr/bin은 무슨 폴더야?")
        await chat.transcript.until(lambda seen: seen.answers() == ["/usr/bin은 무슨 폴더야?"])


async def test_an_edit_that_calls_somebody_else_is_answered_by_them(
    bot: Bot, minji: Person, group: Chat
) -> None:
    async with bot(EchoBackend()) as yard:
        said = minji.says(group, "@madang_bot 올빼미야, 자니?")
        await ended(group, "자니?")
        minji.edits(said, "@madang_bot 앵무새야, 일어나")
        await ended(group, "일어나")
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert [turn.persona for turn in history] == ["parrot", "parrot"]


async def test_an_edit_is_followed_though_somebody_else_asks_meanwhile(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend) as yard:
        said = minji.says(group, "@madang_bot 사과 이야기")
        await backend.held.wait()
        junho.says(group, "@madang_bot 나도 물어볼게")
        junho.says(group, "/history@madang_bot")
        await group.transcript.until(lambda seen: "나도" in "".join(seen.answers()))
        minji.edits(said, "@madang_bot 바나나 이야기")
        minji.says(group, "/history@madang_bot")
        await group.transcript.until(lambda seen: "바나나" in "".join(seen.answers()))
        backend.go.set()
        await yard.conversations.settled()
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert [turn.raw for turn in history[:2]] == ["바나나 이야기", "나도 물어볼게"]


async def test_a_reply_to_a_persona_that_is_gone_is_answered_by_who_is_there(
    bot: Bot, minji: Person, group: Chat, tmp_path: Path
) -> None:
    home = tmp_path / "plugins" / "crow"
    home.mkdir(parents=True)
    text = PARROT.replace("parrot", "crow").replace("앵무새", "까마귀").replace("Parrot", "Crow")
    (home / "persona.toml").write_text(text, "utf-8")
    async with bot(EchoBackend()):
        minji.says(group, "@madang_bot 까마귀야, 하나")
        answer = await ended(group, "하나")
    (home / "persona.toml").unlink()
    home.rmdir()
    async with bot(EchoBackend()):
        minji.says(group, "둘", reply_to=answer)
        await group.transcript.until(lambda seen: "둘" in seen.answers()[-1])


async def test_names_of_the_same_letters_in_another_form_call_too(
    bot: Bot, server: TelegramServer, minji: Person, group: Chat
) -> None:
    server.world.privacy = False
    async with bot(EchoBackend(), more='triggers = { "마당아" = "" }') as yard:
        minji.says(group, unicodedata.normalize("NFD", "마당아, 올빼미야, 하나"))
        await group.transcript.until(lambda seen: seen.answers() == ["하나"])
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
    assert history[-1].persona == "owl"


async def test_a_caption_that_is_a_command_is_one(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(EchoBackend()):
        minji.says(chat, "/help", document=Attachment("a.png", b"x", photo=True))
        await chat.transcript.until(lambda seen: "/stop" in "".join(seen.answers()))
        minji.says(chat, "끝")
        await ended(chat, "끝")
    assert len(chat.transcript.answers()) == 2
