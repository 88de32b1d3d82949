"""The conversations of places: which is the current one, who answers, what was noticed."""

import time
from collections.abc import Sequence
from uuid import uuid4

from madang.contract import Conversation, Place, Turn
from madang.store.database import Database, Value, Values
from madang.store.rows import CONVERSATION, conversation_of, names_of, place_values, text_of
from madang.store.trees import Trees, conversation_gone, turn_gone

CURRENT = f"""
SELECT {CONVERSATION} FROM conversation
WHERE bot = :bot AND place = :place AND current = 1"""

BEGIN = f"""
INSERT INTO conversation (id, bot, place, created, touched, persona, since)
VALUES (:id, :bot, :place, :created, :created, :persona, :since)
RETURNING {CONVERSATION}"""

MOVE = """
WITH RECURSIVE down (id) AS (
    SELECT :turn
    UNION ALL
    SELECT turn.id FROM down JOIN turn
    ON turn.conversation = :conversation AND turn.parent = down.id
)
UPDATE turn SET conversation = :new, depth = depth - :depth WHERE id IN down"""

ROOT = "UPDATE turn SET parent = NULL, chosen = 1 WHERE id = :turn"

TAKE_TIP = """
UPDATE conversation SET noticed = :noticed,
    tip = (SELECT old.tip FROM conversation AS old WHERE old.id = :conversation)
WHERE id = :new"""

CUT_TIP = "UPDATE conversation SET tip = :parent WHERE id = :conversation"

PUT_ASIDE = "UPDATE conversation SET current = 0 WHERE id = :conversation"


class Conversations:
    """Begin and bind conversations; every public method is one transaction."""

    def __init__(self, db: Database, trees: Trees) -> None:
        self._db = db
        self._trees = trees

    def conversation(self, place: Place) -> Conversation:
        """Return the current conversation of a place, beginning one where there is none."""
        return self.begun(place) or self._ensure(place)

    def begun(self, place: Place) -> Conversation | None:
        """Return the current conversation of a place, or None where there is none."""
        row = self._db.row(CURRENT, place_values(place))
        return conversation_of(row) if row else None

    def reset(self, place: Place, since: str) -> Conversation:
        """Put the current conversation aside until it expires; notices are shown again.

        What goes along is the turn `since` and all below it.
        """
        with self._db.transaction():
            last = self.begun(place)
            first = self._first(last, since) if since else None
            if last:
                self._db.change(PUT_ASIDE, {"conversation": last.id})
                self._trees.settle(last.id)
            began = first.created if first else time.time()
            new = self._begin(place, last.persona if last else "", since=began)
            if last and first:
                self._move(first, last, new)
            return self.begun(place) or new

    def bind(self, conversation: str, persona: str) -> None:
        """Set who answers in a conversation."""
        values = {"conversation": conversation, "persona": persona}
        sql = "UPDATE conversation SET persona = :persona WHERE id = :conversation"
        with self._db.transaction():
            if not self._db.change(sql, values):
                raise conversation_gone(conversation)

    def notice(self, conversation: str, name: str) -> bool:
        """Mark a notice as shown; True the first time."""
        values: Values = {"conversation": conversation}
        with self._db.transaction():
            row = self._db.row("SELECT noticed FROM conversation WHERE id = :conversation", values)
            if row is None:
                raise conversation_gone(conversation)
            noticed = names_of(row[0])
            if name in noticed:
                return False
            sql = "UPDATE conversation SET noticed = :noticed WHERE id = :conversation"
            self._db.change(sql, {**values, "noticed": text_of((*noticed, name))})
            return True

    def places(self, bot: str) -> Sequence[Place]:
        """List the places of a bot that have a conversation, the last one talked at last."""
        sql = "SELECT place FROM conversation WHERE bot = :bot AND current = 1 ORDER BY touched"
        return [Place(key) for (key,) in self._db.rows(sql, {"bot": bot})]

    def _ensure(self, place: Place) -> Conversation:
        # Another process may have begun one since we looked.
        with self._db.transaction():
            return self.begun(place) or self._begin(place, "")

    def _first(self, conversation: Conversation | None, turn: str) -> Turn:
        first = self._trees.turn(turn)
        if not first or not conversation or first.conversation != conversation.id:
            raise turn_gone(turn)
        if not self._trees.in_history(first):
            raise turn_gone(turn)
        return first

    def _move(self, first: Turn, old: Conversation, new: Conversation) -> None:
        values: dict[str, Value] = {"turn": first.id, "conversation": old.id, "new": new.id}
        values |= {"depth": first.depth, "parent": first.parent, "noticed": text_of(old.noticed)}
        for sql in (MOVE, ROOT, TAKE_TIP, CUT_TIP):
            self._db.change(sql, values)
        self._trees.settle(old.id)
        self._trees.settle(new.id)

    def _begin(self, place: Place, persona: str, since: float = 0) -> Conversation:
        new: Values = {
            "id": uuid4().hex,
            "created": time.time(),
            "persona": persona,
            "since": since,
        }
        (row,) = self._db.rows(BEGIN, {**place_values(place), **new})
        return conversation_of(row)
