"""What every store does, whatever it is made of; a new one only adds a parameter to `store`."""

from typing import TYPE_CHECKING

import pytest

from madang.contract import Author, Place, Store, Turn, TurnState
from madang.errors import ConversationBusy, StoreError, TurnNotFound

if TYPE_CHECKING:
    from tests.core.store.conftest import Talk

BOB = Author("terminal:bob", "밥")
PENDING = TurnState.PENDING


async def test_a_place_has_one_current_conversation(store: Store) -> None:
    yard = Place("discord/guild/channel")
    first = await store.conversation(yard)
    assert first.place == yard
    assert await store.conversation(yard) == first
    assert await store.conversation(Place("discord/guild/other")) != first


async def test_a_reset_keeps_the_persona_and_nothing_else(store: Store, talk: "Talk") -> None:
    old = talk.conversation
    turn = await talk.say("안녕")
    await store.bind(old.id, "qa_generator:writing")
    await store.notice(old.id, "finance")
    new = await store.reset(old.place)
    assert (new.persona, new.noticed) == ("qa_generator:writing", ())
    assert await store.history(new.id) == []
    assert await store.conversation(old.place) == new
    assert await store.turn(turn.id) == turn
    assert await store.places("terminal") == [old.place]


async def test_a_reset_begins_where_nobody_spoke(store: Store) -> None:
    new = await store.reset(Place("terminal/empty"))
    assert await store.conversation(new.place) == new


async def test_a_notice_is_new_once(store: Store, talk: "Talk") -> None:
    conversation = talk.conversation.id
    assert await store.notice(conversation, "투자") is True
    assert await store.notice(conversation, "demo") is True
    assert await store.notice(conversation, "투자") is False
    assert (await store.conversation(talk.conversation.place)).noticed == ("투자", "demo")


async def test_places_are_those_of_one_bot(store: Store) -> None:
    for key in ("discord/b", "telegram/1", "discord/a", "discordant/x"):
        await store.conversation(Place(key))
    assert await store.places("discord") == [Place("discord/b"), Place("discord/a")]


async def test_only_looking_begins_nothing(store: Store) -> None:
    here = Place("discord/a")
    assert await store.begun(here) is None
    assert await store.places("discord") == []
    assert await store.conversation(here) == await store.begun(here)


async def test_a_turn_comes_back_as_it_was(store: Store, talk: "Talk") -> None:
    whole = Turn(
        id="whole",
        parent=None,
        conversation=talk.conversation.id,
        role="persona",
        author=BOB,
        created=12.5,
        persona="friend:loud",
        raw="생각\x00\n\t🙂",
        shown="생각",
        state=TurnState.STOPPED,
        problem="worker_lost",
        message_ids=("1", "이"),
    )
    assert await store.add(whole) == whole
    assert await store.turn("whole") == whole
    assert await store.turn("other") is None


async def test_a_lone_surrogate_is_replaced_and_a_pair_is_joined(
    store: Store, talk: "Talk"
) -> None:
    turn = await talk.say("가\ud83d나\ud83d\ude42", author=Author("id\udc00", "이름\ud800"))
    assert turn.raw == "가\ufffd나🙂"
    assert turn.author == Author("id\ufffd", "이름\ufffd")
    await store.update(turn.id, problem="\udfff", message_ids=("\ud800",))
    changed = await store.turn(turn.id)
    assert changed is not None
    assert (changed.problem, changed.message_ids) == ("\ufffd", ("\ufffd",))
    place = Place("terminal/\ud800")
    assert await store.conversation(place) == await store.conversation(place)


async def test_an_update_changes_what_is_given(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    answer = await talk.answer("", question, PENDING)
    await store.update(answer.id, raw="답", message_ids=("7",))
    await store.update(answer.id, shown="답!", state=TurnState.COMPLETE)
    changed = await store.turn(answer.id)
    assert changed is not None
    assert (changed.raw, changed.shown, changed.message_ids) == ("답", "답!", ("7",))
    assert changed.state is TurnState.COMPLETE


async def test_variants_are_siblings_and_the_last_is_chosen(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    first = await talk.answer("하나", question)
    second = await talk.answer("둘", question)
    assert await talk.texts() == ["질문", "둘"]
    assert [(v.id, v.chosen) for v in await store.variants(first.id)] == [
        (first.id, False),
        (second.id, True),
    ]
    await store.choose(first.id)
    assert await talk.texts() == ["질문", "하나"]


async def test_variants_have_one_role(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    answer = await talk.answer("답", question)
    more = await talk.say("하나 더", question)
    assert [v.id for v in await store.variants(answer.id)] == [answer.id]
    assert [v.id for v in await store.variants(more.id)] == [more.id]


async def test_what_was_said_below_comes_back_with_a_variant(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    first = await talk.answer("하나", question)
    await talk.say("이어서", first)
    await talk.answer("둘", question)
    assert await talk.texts() == ["질문", "둘"]
    await store.choose(first.id)
    assert await talk.texts() == ["질문", "하나", "이어서"]


async def test_an_edited_first_turn_is_a_variant_of_it(store: Store, talk: "Talk") -> None:
    first = await talk.say("처음")
    await talk.answer("답", first)
    edited = await talk.say("고침")
    assert await talk.texts() == ["고침"]
    assert [v.id for v in await store.variants(edited.id)] == [first.id, edited.id]
    assert len(await store.tree(talk.conversation.id)) == 3


async def test_an_unchosen_turn_takes_the_rest_with_it(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    answer = await talk.answer("답", question)
    more = await talk.say("더", answer)
    await store.unchoose(more.id)
    assert await talk.texts() == ["질문", "답"]
    await store.unchoose(question.id)
    assert await talk.texts() == []
    await talk.say("새로")
    assert await talk.texts() == ["새로"]


async def test_what_hangs_below_an_unchosen_turn_stays_out(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    first = await talk.answer("하나", question)
    await talk.answer("둘", question)
    hidden = await talk.say("숨은 말", first)
    assert hidden.chosen
    assert await talk.texts() == ["질문", "둘"]
    await store.unchoose(hidden.id)
    await store.choose(hidden.id)
    assert await talk.texts() == ["질문", "둘"]


async def test_the_start_of_a_long_history_moves_in_steps(talk: "Talk") -> None:
    parent = None
    starts = []
    for number in range(20):
        parent = await talk.say(str(number), parent)
        texts = await talk.texts(limit=4)
        starts.append(int(texts[0]))
        assert texts == [str(n) for n in range(starts[-1], number + 1)]
        assert len(texts) == number + 1 or 4 <= len(texts) < 8
    assert starts == [0] * 7 + [4] * 4 + [8] * 4 + [12] * 4 + [16]


async def test_one_answer_at_a_time(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    answer = await talk.answer("", question, PENDING)
    with pytest.raises(ConversationBusy):
        await talk.answer("", question, PENDING)
    await talk.say("그동안", answer)
    assert len(await store.tree(talk.conversation.id)) == 3
    await store.update(answer.id, state=TurnState.FAILED)
    await talk.answer("", question, PENDING)


async def test_an_answer_can_be_gone_on_with(store: Store, talk: "Talk") -> None:
    question = await talk.say("질문")
    cut = await talk.answer("반쯤", question, TurnState.STOPPED)
    await store.update(cut.id, state=PENDING)
    await store.update(cut.id, state=PENDING, raw="반쯤 더")
    with pytest.raises(ConversationBusy):
        await talk.answer("", question, PENDING)
    await store.update(cut.id, state=TurnState.COMPLETE)
    other = await talk.answer("", question, PENDING)
    with pytest.raises(ConversationBusy):
        await store.update(cut.id, state=PENDING)
    assert await talk.texts() == ["질문", other.raw]


async def test_the_living_keep_what_is_theirs(store: Store, talk: "Talk") -> None:
    await talk.say("질문")
    assert await store.adopt("terminal") == []
    assert await store.adopt("terminal", talk.conversation.place) == []


async def test_what_is_gone_is_said_to_be_gone(store: Store, talk: "Talk") -> None:
    turn = await talk.say("말")
    await store.forget(turn.author.id)
    for late in (
        store.update(turn.id, raw="늦은 답"),
        store.choose(turn.id),
        store.unchoose(turn.id),
        store.variants(turn.id),
        store.bind(turn.conversation, "friend"),
        store.notice(turn.conversation, "finance"),
        talk.say("아직 있나요"),
    ):
        with pytest.raises(TurnNotFound, match="There is no"):
            await late
    assert await store.history(turn.conversation) == []


async def test_a_parent_is_in_the_same_conversation(store: Store, talk: "Talk") -> None:
    stranger = await talk.say("말")
    other = type(talk)(store, await store.reset(talk.conversation.place))
    with pytest.raises(TurnNotFound):
        await other.say("답", stranger)
    assert await store.tree(other.conversation.id) == []


async def test_old_conversations_expire_with_their_turns(store: Store, talk: "Talk") -> None:
    old = await talk.say("옛말")
    place = Place("terminal/later")
    later = await store.conversation(place)
    await store.add(
        Turn(
            id="later",
            parent=None,
            conversation=later.id,
            role="user",
            author=BOB,
            created=later.created + 10,
        )
    )
    assert await store.expire(later.created + 5) == 1
    assert await store.turn(old.id) is None
    assert await store.places("terminal") == [place]
    assert await store.expire(later.created + 5) == 0


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.places("terminal")
