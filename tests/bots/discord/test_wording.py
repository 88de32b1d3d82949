"""What stands in the messages of an answer, whatever it holds; the words of both languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.contract import Author, Persona, PersonaText, Place, Problem, Turn, TurnState
from madang.conversation import Reply, Update
from madang.delivery import utf16
from madang.texts import Texts, catalogue
from madang_discord import options, places
from madang_discord.wording import LIMIT, Wording

TEXTS = Texts.of("madang_discord", "ko")
lines = st.text(st.sampled_from("가나다라 abc.\n`🙂👨‍👩‍👧"), max_size=400)


def a_reply(notice: str) -> Reply:
    turn = Turn(
        id="t", parent=None, conversation="c", role="persona", author=Author("p", "p"), created=0
    )
    persona = Persona(
        name="p",
        texts={"ko": PersonaText(title="p", description="", greeting="", samples=())},
        forms={},
    )
    return Reply(place=Place("discord/1/2"), turn=turn, persona=persona, notice=notice)


@given(
    text=st.lists(lines, max_size=20).map("\n```py\n".join),
    notice=lines,
    problem=lines,
    state=st.sampled_from(TurnState),
    most=st.integers(1, 4),
)
def test_messages_are_never_too_long_or_too_many(
    text: str, notice: str, problem: str, state: TurnState, most: int
) -> None:
    found = Problem("other", problem) if problem and state is TurnState.FAILED else None
    update = Update(text=text, state=state, problem=found, cut=True)
    contents = Wording(texts=TEXTS, messages=most).contents(a_reply(notice), update)
    assert len(contents) <= most
    assert all(each.text.strip() and utf16(each.text) <= LIMIT for each in contents)
    if contents and contents[-1].file_name:
        assert contents[-1].file_text == text


def test_both_languages_have_the_same_words() -> None:
    korean, english = (catalogue("madang_discord", locale) for locale in ("ko", "en"))
    assert korean.keys() == english.keys()


def test_the_page_names_every_option() -> None:
    page = (Path(__file__).parents[3] / "docs" / "discord.md").read_text("utf-8")
    table = page.split("| key | default | meaning |")[1].split("\n\n")[0]
    rows = [row.split("|")[1].strip(" `") for row in table.splitlines()[2:]]
    assert tuple(rows) == options.DiscordOptions.__struct_fields__


@pytest.mark.parametrize(
    ("place", "spot"),
    [
        (places.channel_place(1, 2), places.Spot("channel", 1, 2)),
        (places.chain_place(1, 2, 3), places.Spot("chain", 1, 2)),
        (places.thread_place(1, 2, 3), places.Spot("thread", 1, 3, 2)),
        (places.dm_place(5), places.Spot("dm", 0, 5)),
    ],
)
def test_places_say_where_they_are(place: Place, spot: places.Spot) -> None:
    assert places.spot_of(place) == spot
    with pytest.raises(ValueError, match="no place of messages"):
        places.spot_of(Place("discord/1"))


def test_people_keep_their_ids() -> None:
    assert places.user_of(places.author_of(7, "미나").id) == 7
    assert places.user_of("persona:owl") == 0
