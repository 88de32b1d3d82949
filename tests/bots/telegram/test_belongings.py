"""Settings, the history, files, and forgetting."""

import json
from dataclasses import replace

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown
from tests.bots.telegram.world import FAST

from madang.contract import Place
from madang.testing import EchoBackend, ScriptedBackend
from madang.testing.telegram import Chat, Person, TelegramServer, blemishes


async def test_the_last_answer_is_tried_again_and_taken_back(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["하나", "둘"])) as yard:
        minji.says(chat, "/retry")
        await chat.transcript.until(lambda seen: "먼저 물어봐" in "".join(seen.answers()))
        minji.says(chat, "숫자")
        await chat.transcript.until(lambda seen: "하나" in seen.answers())
        minji.says(chat, "/retry")
        await chat.transcript.until(lambda seen: "둘" in seen.answers())
        minji.says(chat, "/history")
        await chat.transcript.until(lambda seen: "민지: 숫자" in seen.answers()[-1])
        minji.says(chat, "/undo")
        await chat.transcript.until(lambda seen: "되돌렸어요" in seen.answers()[-1])
        assert "둘" not in chat.transcript.answers()
        assert await yard.conversations.history(Place(f"telegram/{chat.id}")) == []
        minji.says(chat, "/history")
        await chat.transcript.until(lambda seen: "아직" in seen.answers()[-1])
    assert blemishes(chat.transcript) == []


async def test_export_sends_files(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(EchoBackend()) as yard:
        minji.says(chat, "/export")
        await chat.transcript.until(lambda seen: "먼저 물어봐" in "".join(seen.answers()))
        minji.says(chat, "비밀")
        await chat.transcript.until(lambda seen: "비밀" in seen.answers())
        await yard.conversations.options.set(f"telegram:{chat.id}", "locale", "ko")
        minji.says(chat, "/export")
        await chat.transcript.until(lambda seen: len([s for s in seen.screen() if s.file]) == 2)
    page, everything = [each for each in chat.transcript.screen() if each.file]
    assert (page.file, everything.file) == ("madang.md", "madang.json")
    stored = chat.messages[everything.id].stored
    assert stored is not None
    exported = json.loads(stored.attachment.data)
    assert [each["raw"] for each in exported["turns"]] == ["비밀", "비밀"]
    assert exported["options"] == {"locale": "ko"}
    assert exported["usage"]


async def test_forget_asks_first_and_ends_the_private_chat(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    group, junho = server.group("마당", minji), server.person("준호")
    async with bot(EchoBackend()) as yard:
        minji.says(chat, "비밀")
        await chat.transcript.until(lambda seen: "비밀" in seen.answers())
        minji.says(group, "/forget@madang_bot")
        asked = await shown(group, "지우기")
        assert "물어본 사람" in await junho.clicks(asked, "지우기").answered()
        await minji.clicks(asked, "그대로").answered()
        assert len((await yard.conversations.everything(f"telegram:{chat.id}")).turns) == 2
        minji.says(chat, "/forget")
        await minji.clicks(await shown(chat, "지우기"), "지우기").answered()
        await chat.transcript.until(lambda seen: "모두 지웠어요." in seen.answers())
        assert (await yard.conversations.everything(f"telegram:{chat.id}")).turns == []
        assert Place(f"telegram/{chat.id}") not in await yard.store.places("telegram")


async def test_a_person_chooses_the_language_and_an_admin_switches_off(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    group = server.group("마당", minji)
    async with bot(EchoBackend()):
        minji.says(group, "/settings@madang_bot")
        settings = await shown(group, "켜기")
        await minji.clicks(settings, "켜기").answered()
        minji.says(group, "@madang_bot 있어?")
        await group.transcript.until(lambda seen: "꺼져" in "".join(seen.answers()))
        await minji.clicks(settings, "켜기").answered()
        minji.says(group, "@madang_bot 이제는?")
        await group.transcript.until(lambda seen: "이제는?" in seen.answers())
        assert "있어?" not in group.transcript.answers()
        minji.says(chat, "/settings")
        await minji.clicks(await shown(chat, "English"), "English").answered()
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "no answer" in seen.answers()[-1])
    assert chat.transcript.answers()[-1] == "There is no answer to stop."


async def test_only_who_asked_and_admins_take_back_an_answer(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    junho, sua = server.person("준호"), server.person("수아")
    group = server.group("마당", minji, junho, sua)
    async with bot(EchoBackend()):
        junho.says(group, "@madang_bot 하나")
        await shown(group, "다시")
        sua.says(group, "/undo@madang_bot")
        await group.transcript.until(lambda seen: "물어본 사람과" in seen.answers()[-1])
        minji.says(group, "/undo@madang_bot")
        await group.transcript.until(lambda seen: "되돌렸어요" in seen.answers()[-1])
    assert "하나" not in group.transcript.answers()


async def test_what_is_not_asked_yet_is_forgotten_too(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    backend, group = EchoBackend(), server.group("마당", minji)
    async with bot(backend, pace=replace(FAST, quiet=60.0)) as yard:
        minji.says(chat, "/forget")
        asked = await shown(chat, "지우기")
        minji.says(group, "@madang_bot 비밀")
        await server.until(lambda: not server.world.updates.row)
        await minji.clicks(asked, "지우기").answered()
        await chat.transcript.until(lambda seen: "모두 지웠어요." in seen.answers())
        assert await yard.store.kept("telegram") == {}
    assert backend.answered == []


async def test_an_anonymous_admin_is_forgotten_by_any_admin(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    junho = server.person("준호")
    group = server.group("마당", minji, junho, kind="supergroup")
    async with bot(EchoBackend()) as yard:
        minji.says_as_group(group, "@madang_bot 공지야")
        await group.transcript.until(lambda seen: seen.answers() == ["공지야"])
        history = await yard.conversations.history(Place(f"telegram/{group.id}"))
        assert history[0].author.name == "마당"
        minji.says_as_group(group, "/forget@madang_bot")
        asked = await shown(group, "지우기")
        assert "물어본 사람" in await junho.clicks(asked, "지우기").answered()
        await minji.clicks(asked, "지우기").answered()
        await group.transcript.until(lambda seen: "모두 지웠어요." in seen.answers())
        assert (await yard.conversations.everything(f"telegram:{group.id}")).turns == []


async def test_the_history_shows_titles_and_no_marks(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(ScriptedBackend(answers=["**굵게** 말해요", "길고 **" + "긴 말 " * 200])):
        minji.says(chat, "안녕 * 2024. 5. 3.")
        await chat.transcript.until(lambda seen: seen.answers() == ["굵게 말해요"])
        minji.says(chat, "길게")
        await chat.transcript.until(
            lambda seen: len(seen.answers()) == 2 and "다시" in str(seen.screen()[-1].buttons)
        )
        minji.says(chat, "/history")
        await chat.transcript.until(lambda seen: "민지" in seen.answers()[-1])
    told = chat.transcript.answers()[-1]
    assert told.startswith(
        "민지: 안녕 * 2024. 5. 3.\n\n앵무새: 굵게 말해요\n\n민지: 길게\n\n앵무새: 길고"
    )
    assert told.endswith("…")
    assert blemishes(chat.transcript) == []
