"""Conversations over the whole path: store, queue, worker, persona and back."""

import asyncio
from pathlib import Path

import pytest

from madang.contract import Author, Place, TurnState
from madang.errors import (
    ConversationBusy,
    MessageEmpty,
    MessageTooLong,
    NothingThere,
    StoreNotWritable,
    SwitchedOff,
    UnknownPersona,
)
from madang.testing import Answer, EchoBackend, HeldBackend, ScriptedBackend
from madang.testing.chat import Chat, open_chat

OTHER = Author("test:other", "철수")


async def test_answers_through_the_whole_path(profile: Path) -> None:
    async with open_chat(profile) as chat:
        update = await chat.ask("안녕하세요")
        assert (update.text, update.state) == ("안녕하세요", TurnState.COMPLETE)
        assert await chat.shown() == ["안녕하세요", "안녕하세요"]


async def test_sends_history_in_segments(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("하나")
        await chat.ask("둘")
    segments = backend.answered[-1].prompt.segments
    assert [(each.kind, each.role, each.text) for each in segments] == [
        ("head", "system", "너는 친구야."),
        ("turn", "user", "하나"),
        ("turn", "assistant", "하나"),
        ("tail", "user", "둘"),
    ]


async def test_shows_a_notice_once(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        await chat.ask("둘")
        assert [reply.notice for reply in chat.replies] == ["시험이에요.", ""]


async def test_joins_what_is_typed_meanwhile(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "둘")
        await chat.conversations.say(chat.place, chat.author, "셋")
        backend.go.set()
        assert (await (await chat.reply(1)).final()).text == "하나"
        assert (await (await chat.reply(2)).final()).text == "둘\n셋"
        assert await chat.shown() == ["하나", "하나", "둘", "셋", "둘\n셋"]


async def test_stops_and_keeps_the_text_so_far(profile: Path) -> None:
    backend = HeldBackend("echo", hold_after=2)
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "가나다라")
        await backend.held.wait()
        assert await chat.conversations.stop(chat.place)
        update = await (await chat.reply(1)).final()
        assert (update.text, update.state) == ("가나", TurnState.STOPPED)
        assert not await chat.conversations.stop(chat.place)


async def test_continues_a_stopped_answer(profile: Path) -> None:
    backend = ScriptedBackend(answers=[Answer("하나 둘", "length"), " 셋"])
    async with open_chat(profile, backend=backend) as chat:
        first = await chat.ask("세어 봐")
        assert first.cut
        assert (await chat.conversations.history(chat.place))[-1].cut
        await chat.conversations.go_on(chat.place)
        second = await (await chat.reply(2)).final()
        assert (second.text, second.cut) == ("하나 둘 셋", False)
        assert not (await chat.conversations.history(chat.place))[-1].cut
        assert await chat.shown() == ["세어 봐", "하나 둘 셋"]
    tail = backend.answered[-1].prompt.segments[-1]
    assert (tail.role, tail.text) == ("assistant", "하나 둘")


async def test_retries_with_another_seed_and_the_shown_variant_is_the_history(
    profile: Path,
) -> None:
    backend = ScriptedBackend(answers=["첫째", "둘째", "셋째"])
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("골라 봐")
        await chat.conversations.retry(chat.place)
        await (await chat.reply(2)).final()
        await chat.conversations.settled()
        assert await chat.shown() == ["골라 봐", "둘째"]
        assert [turn.shown for turn in await chat.conversations.variants(chat.place)] == [
            "첫째",
            "둘째",
        ]
        await chat.conversations.show_variant(chat.place, 1)
        assert await chat.shown() == ["골라 봐", "첫째"]
        await chat.ask("다음")
    first, second, third = (request for request in backend.answered)
    assert first.sampling.temperature == 0 < second.sampling.temperature
    assert first.sampling.seed != second.sampling.seed
    assert [segment.text for segment in third.prompt.segments][1:] == ["골라 봐", "첫째", "다음"]


async def test_edits_a_question(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        await chat.ask("둘")
        await chat.conversations.edit(chat.place, chat.author, "두울")
        await (await chat.reply(3)).final()
        assert await chat.shown() == ["하나", "하나", "두울", "두울"]


async def test_undoes_the_last_exchange(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        await chat.ask("둘")
        gone = await chat.conversations.undo(chat.place)
        assert [turn.shown for turn in gone] == ["둘", "둘"]
        assert await chat.shown() == ["하나", "하나"]
        await chat.conversations.undo(chat.place)
        with pytest.raises(NothingThere):
            await chat.conversations.undo(chat.place)


async def test_resets(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.conversations.use(chat.place, "other")
        await chat.ask("하나")
        await chat.conversations.reset(chat.place)
        assert await chat.shown() == []
        assert (await chat.conversations.current(chat.place)).persona.name == "other"


async def test_forgets_a_person_everywhere(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("내 비밀")
        await chat.conversations.say(chat.place, OTHER, "안녕")
        await (await chat.reply(2)).final()
        await chat.conversations.settled()
        assert await chat.conversations.forget(chat.author.id) == 2
        assert await chat.shown() == ["안녕", "철수: 안녕"]


async def test_several_personas_hear_each_other_by_name(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("하나")
        await chat.ask("둘", persona="other")
        await chat.ask("셋")
    texts = [segment.text for segment in backend.answered[-1].prompt.segments]
    assert texts == ["너는 친구야.", "하나", "하나", "둘\n다른이: 하나\n친구: 하나\n둘\n셋"]


async def test_modes_are_personas_too(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.use(chat.place, "friend:shy")
        await chat.ask("하나")
    assert backend.answered[-1].prompt.text == "하나 답변:"


async def test_one_answer_at_a_time(profile: Path) -> None:
    backend = HeldBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.conversations.say(chat.place, chat.author, "하나")
        await backend.held.wait()
        for attempt in (chat.conversations.retry, chat.conversations.undo):
            with pytest.raises(ConversationBusy):
                await attempt(chat.place)
        backend.go.set()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MessageEmpty),
        (" \n\t ", MessageEmpty),
        ("\x00\x1b\x07", MessageEmpty),
        ("가" * 1_000_000, MessageTooLong),
    ],
)
async def test_refuses_messages_without_losing_the_conversation(
    profile: Path, text: str, error: type[Exception]
) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("하나")
        with pytest.raises(error):
            await chat.ask(text)
        assert (await chat.ask("둘")).text == "둘"


async def test_cleans_control_characters_and_surrogates(profile: Path) -> None:
    async with open_chat(profile) as chat:
        update = await chat.ask("가\x00나\x1b\ud800\r\n다")
        assert update.text == "가나\ufffd\n다"


async def test_a_failed_question_does_not_spoil_the_next(profile: Path) -> None:
    backend = ScriptedBackend(answers=[RuntimeError("broken"), "괜찮아"])
    async with open_chat(profile, backend=backend) as chat:
        failed = await chat.ask("하나")
        assert failed.state is TurnState.FAILED
        assert failed.problem is not None
        assert (await chat.ask("둘")).text == "괜찮아"
    assert backend.answered[-1].prompt.segments[-1].text == "둘"


async def test_a_full_disk_is_told_with_the_answer(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreNotWritable("talk.db: the disk is full.")

    async with open_chat(profile) as chat:
        monkeypatch.setattr(chat.yard.store, "update", full)
        update = await chat.ask("하나")
        assert update.text == "하나"
        assert update.problem is not None
        assert update.problem.code == "store_not_writable"


async def test_a_prompt_longer_than_the_context_is_told(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write(
            "[models.tiny]\nbackend = 'echo'\ncontext = 64\n[personas.other]\nmodel='tiny'\n"
        )
    async with open_chat(profile) as chat:
        update = await chat.ask("가" * 200, persona="other")
        assert update.problem is not None
        assert update.problem.code == "prompt_too_long"
        assert (await chat.ask("짧게", persona="other")).text == "짧게"


async def test_unknown_persona_names_the_nearest(profile: Path) -> None:
    async with open_chat(profile) as chat:
        with pytest.raises(UnknownPersona, match="freind") as caught:
            await chat.conversations.use(chat.place, "freind")
        assert "friend" in caught.value.hint


@pytest.mark.parametrize(
    "switch",
    [
        "[personas.other]\nenabled = false\n",
        "[places.'test/main']\nenabled = false\n",
        "[bots.test]\nenabled = false\n",
    ],
)
async def test_the_kill_switch_works_live(profile: Path, switch: str) -> None:
    async with open_chat(profile) as chat:
        assert (await chat.ask("하나", persona="other")).text
        with profile.open("a", encoding="utf-8") as file:
            file.write(switch)
        with pytest.raises(SwitchedOff):
            await chat.ask("둘", persona="other")


async def test_a_broken_profile_keeps_the_last_good_one(profile: Path) -> None:
    async with open_chat(profile) as chat:
        profile.write_text("this is not TOML", "utf-8")
        assert (await chat.ask("하나")).text == "하나"
        assert chat.yard.setup.live.problem is not None


async def test_a_prompt_file_is_reread(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("하나")
        file = profile.parent / "personas" / "friend" / "persona.toml"
        file.write_text(file.read_text("utf-8").replace("너는 친구야.", "너는 새 친구야."), "utf-8")
        await chat.ask("둘")
    heads = [request.prompt.segments[0].text for request in backend.answered]
    assert heads == ["너는 친구야.", "너는 새 친구야."]


async def test_places_do_not_see_each_other(profile: Path) -> None:
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("비밀")
        elsewhere = Chat(yard=chat.yard, place=Place("test/elsewhere"), replies=chat.replies)
        await chat.conversations.say(elsewhere.place, OTHER, "안녕")
        await (await chat.reply(2)).final()
    assert "비밀" not in backend.answered[-1].prompt.text


async def test_many_places_answer_side_by_side(profile: Path) -> None:
    async with open_chat(profile) as chat:
        places = [Place(f"test/{number}") for number in range(50)]
        await asyncio.gather(
            *(
                chat.conversations.say(place, Author(place.key, "나"), f"질문 {place.key}")
                for place in places
            )
        )
        await chat.conversations.settled()
        assert len(chat.replies) == 50
        assert all(r.latest.text == f"질문 {r.place.key}" for r in chat.replies)


async def test_a_pinned_seed_still_varies_between_variants(profile: Path) -> None:
    with profile.open("a", encoding="utf-8") as file:
        file.write("[personas.friend.sampling]\nseed = 7\ntemperature = 0.5\n")
    backend = EchoBackend("echo")
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("하나")
        await chat.conversations.retry(chat.place)
        await (await chat.reply(2)).final()
    assert [request.sampling.seed for request in backend.answered] == [7, 8]


BROKEN = """
import madang
from pathlib import Path

def broken(raw, final):
    if final:
        raise ValueError("no luck")
    return raw

@madang.hookimpl
def register_personas(register):
    register(madang.PersonaFolder(Path(__file__).parent, polish={"broken": broken}))
"""


async def test_a_bug_in_a_persona_ends_one_answer_and_nothing_else(profile: Path) -> None:
    folder = profile.parent / "personas" / "broken"
    folder.mkdir()
    data = (folder.parent / "friend" / "persona.toml").read_text("utf-8")
    data = data.replace('"friend"', '"broken"')
    data = data.replace('kind = "chat"', 'kind = "chat"\npolish = ["broken"]')
    (folder / "persona.toml").write_text(data, "utf-8")
    (folder / "__init__.py").write_text(BROKEN, "utf-8")
    async with open_chat(profile) as chat:
        update = await chat.ask("하나", persona="broken")
        assert update.state is TurnState.FAILED
        assert update.problem is not None
        assert update.problem.code == "internal"
        assert (await chat.ask("둘")).state is TurnState.COMPLETE
