"""The buttons under answers: another try, its variants, more, and who may press them."""

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_personas import shown

from madang.contract import Model, Place
from madang.testing import Answer, HeldBackend, ScriptedBackend
from madang.testing.telegram import Chat, Flood, Message, Person, TelegramServer, blemishes


async def ended(chat: Chat, text: str) -> Message:
    """Wait until the last message is a whole answer, and return it."""

    def whole() -> bool:
        shown = chat.transcript.screen()[-1]
        return shown.text == text and "다시" in str(shown.buttons)

    await chat.transcript.until(lambda seen: whole())
    return last(chat)


def last(chat: Chat) -> Message:
    """Return the last message of the bot, to press its buttons."""
    return chat.messages[[each for each in chat.transcript.screen() if each.by_bot][-1].id]


async def test_variants_come_in_place_and_the_shown_one_is_the_history(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["**하나**", "둘", "셋"])) as yard:
        minji.says(chat, "숫자 하나만")
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
        assert await minji.clicks(last(chat), "다시").answered() == ""
        await chat.transcript.until(lambda seen: seen.answers() == ["둘"])
        await chat.transcript.until(lambda seen: "2/2" in str(seen.screen()[-1].buttons))
        await minji.clicks(last(chat), "2/2").answered()
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
        assert history[-1].shown == "**하나**"
        await minji.clicks(last(chat), "1/2").answered()
        await chat.transcript.until(lambda seen: seen.answers() == ["둘"])
    assert len(chat.transcript.screen()) == 2
    assert blemishes(chat.transcript) == []


async def test_variants_of_other_lengths_need_other_messages(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    long = "\n".join(f"{number}번째 줄은 이렇게 생겼어요." for number in range(300))
    async with bot(
        ScriptedBackend(answers=["짧은 답", long], model=Model(context=100_000))
    ) as yard:
        minji.says(chat, "해 봐")
        await chat.transcript.until(lambda seen: seen.answers() == ["짧은 답"])
        minji.clicks(last(chat), "다시")
        await chat.transcript.until(lambda seen: "299번째" in seen.answers()[-1])
        await minji.clicks(last(chat), "2/2").answered()
        await chat.transcript.until(lambda seen: seen.answers() == ["짧은 답"])
        history = await yard.conversations.history(Place(f"telegram/{chat.id}"))
        assert history[-1].shown == "짧은 답"
        await minji.clicks(last(chat), "1/2").answered()
        await chat.transcript.until(lambda seen: "\n".join(seen.answers()) == long)


async def test_buttons_work_after_a_restart_and_old_ones_say_so(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["하나"])):
        minji.says(chat, "첫째")
        await chat.transcript.until(lambda seen: seen.answers() == ["하나"])
    first = last(chat)
    async with bot(ScriptedBackend(answers=["둘", "셋"])):
        await minji.clicks(first, "다시").answered()
        await chat.transcript.until(lambda seen: seen.answers() == ["둘"])
        minji.says(chat, "둘째")
        await chat.transcript.until(lambda seen: seen.answers() == ["둘", "셋"])
        assert "마지막 답만" in await minji.clicks(first, "다시").answered()
        assert await minji.sends_data(first, "retry:none").answered() == "오래된 단추예요."
        assert await minji.sends_data(first, "").answered() == "오래된 단추예요."


async def test_only_who_asked_and_admins_change_an_answer(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    junho, sua = server.person("준호"), server.person("수아")
    group = server.group("마당", minji, junho, sua)
    async with bot(ScriptedBackend(answers=["하나", "둘", "셋"])):
        junho.says(group, "@madang_bot 숫자")
        shown = await ended(group, "하나")
        assert "물어본 사람" in await sua.clicks(shown, "다시").answered()
        await minji.clicks(shown, "다시").answered()
        await ended(group, "둘")
        minji.says(chat, "여기")
        await chat.transcript.until(lambda seen: seen.answers() == ["셋"])
        # What was heard of elsewhere is of no use here.
        data = str((shown.markup or {})["inline_keyboard"][0][0]["callback_data"])
        await ended(chat, "셋")
        assert await junho.sends_data(last(chat), data).answered() == "오래된 단추예요."


async def test_what_was_stopped_goes_on(bot: Bot, minji: Person, chat: Chat) -> None:
    backend = HeldBackend(hold_after=3)
    async with bot(backend):
        minji.says(chat, "긴 이야기를 해 줘")
        await backend.held.wait()
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "(멈췄어요)" in "".join(seen.answers()))
        backend.go.set()
        await minji.clicks(last(chat), "이어서").answered()
        await chat.transcript.until(lambda seen: "(멈췄어요)" not in "".join(seen.answers()))
    assert len(chat.transcript.answers()) == 1


async def test_a_cut_answer_goes_on_after_pages_were_turned_back_to_it(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    cut, more = Answer("하나 둘", "length"), " 셋"
    async with bot(ScriptedBackend(answers=[cut, "다른 답"])):
        minji.says(chat, "세어 봐")
        await chat.transcript.until(lambda seen: "이어서" in str(seen.screen()[-1].buttons))
        await minji.clicks(last(chat), "다시").answered()
        await chat.transcript.until(lambda seen: "2/2" in str(seen.screen()[-1].buttons))
        assert "이어서" not in str(last(chat).buttons)
    async with bot(ScriptedBackend(answers=[more])):
        await minji.clicks(last(chat), "2/2").answered()
        await chat.transcript.until(lambda seen: "이어서" in str(seen.screen()[-1].buttons))
        shown = last(chat).text
        assert shown.startswith("하나 둘\n\n(")
        await minji.clicks(last(chat), "이어서").answered()
        await chat.transcript.until(lambda seen: seen.answers() == ["하나 둘 셋"])
        await chat.transcript.until(lambda seen: "1/2" in str(seen.screen()[-1].buttons))
    assert "이어서" not in str(last(chat).buttons)
    assert blemishes(chat.transcript) == []


async def test_a_press_is_answered_while_edits_have_to_wait(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=["하나", "둘"])):
        minji.says(chat, "숫자")
        await minji.clicks(await ended(chat, "하나"), "다시").answered()
        await shown(chat, "2/2")
        minji.says(chat, "/settings")
        settings = await shown(chat, "English")
        server.faults.plan(Flood(1), "editMessageText", chat=chat)
        assert await minji.clicks(last_answer(chat), "2/2").answered(0.9) == ""
        assert "is changed" in await minji.clicks(settings, "English").answered(0.9)
        await chat.transcript.until(lambda seen: "하나" in seen.answers())
        await shown(chat, "✓ English")


def last_answer(chat: Chat) -> Message:
    """Return the message with the variants."""
    shown = [each for each in chat.transcript.screen() if "2/2" in str(each.buttons)]
    return chat.messages[shown[-1].id]
