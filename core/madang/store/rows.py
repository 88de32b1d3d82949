"""Between records and the contract's structs."""

import msgspec

from madang.contract import Author, Conversation, Found, Place, Turn, TurnState
from madang.store.database import Row, Values, storable

TURN = (
    "turn.id, turn.parent, turn.conversation, turn.role, turn.author_id, turn.author_name,"
    " turn.created, turn.depth, turn.persona, turn.raw, turn.shown, turn.state, turn.chosen,"
    " turn.problem, turn.message_ids, turn.model, turn.asks, turn.cut"
)
CONVERSATION = (
    "conversation.id, conversation.place, conversation.created, conversation.persona,"
    " conversation.noticed, conversation.since"
)
FOUND = f"""
SELECT {TURN}, {CONVERSATION}
FROM turn JOIN conversation ON conversation.id = turn.conversation"""


def turn_of(row: Row) -> Turn:
    """Make a turn of the columns in `TURN`."""
    return Turn(
        id=row[0],
        parent=row[1],
        conversation=row[2],
        role=row[3],
        author=Author(row[4], row[5]),
        created=row[6],
        depth=row[7],
        persona=row[8],
        raw=row[9],
        shown=row[10],
        state=TurnState(row[11]),
        chosen=bool(row[12]),
        problem=row[13],
        message_ids=names_of(row[14]),
        model=row[15],
        asks=bool(row[16]),
        cut=bool(row[17]),
    )


def values_of(turn: Turn) -> dict[str, str | int | float | None]:
    """Spread a turn over the columns of its table."""
    return {
        "id": turn.id,
        "parent": turn.parent,
        "conversation": turn.conversation,
        "role": turn.role,
        "author_id": turn.author.id,
        "author_name": turn.author.name,
        "created": turn.created,
        "depth": turn.depth,
        "persona": turn.persona,
        "model": turn.model,
        "raw": turn.raw,
        "shown": turn.shown,
        "state": turn.state.value,
        "chosen": turn.chosen,
        "problem": turn.problem,
        "message_ids": text_of(turn.message_ids),
        "asks": turn.asks,
        "cut": turn.cut,
    }


def conversation_of(row: Row) -> Conversation:
    """Make a conversation of the columns in `CONVERSATION`."""
    return Conversation(
        id=row[0],
        place=Place(row[1]),
        created=row[2],
        persona=row[3],
        noticed=names_of(row[4]),
        since=row[5],
    )


def found_of(row: Row) -> Found:
    """Make a turn and its conversation of what `FOUND` selects."""
    return Found(turn=turn_of(row), conversation=conversation_of(row[TURN.count(",") + 1 :]))


def below(column: str) -> str:
    """Word that a column names `:place` or a place below it.

    `0` is what follows `/`, and the range is for the index.
    """
    return (
        f"{column} >= :place AND {column} < :place || '0'"
        f" AND ({column} = :place OR {column} > :place || '/')"
    )


def place_values(place: Place) -> Values:
    """Name a place as the index over places wants it."""
    return {"bot": place.bot, "place": place.key}


def names_of(text: str) -> tuple[str, ...]:
    """Read a list of names."""
    return () if text == "[]" else msgspec.json.decode(text, type=tuple[str, ...])


def text_of(names: tuple[str, ...]) -> str:
    """Write a list of names."""
    return msgspec.json.encode([storable(name) for name in names]).decode()
