"""What dead processes left unanswered, and how another one takes it over."""

from collections.abc import Sequence
from typing import NamedTuple

from madang.contract import Conversation, Found, Place, TurnState
from madang.store.database import Database, Value, Values
from madang.store.owners import Owners
from madang.store.rows import CONVERSATION, TURN, conversation_of, found_of, turn_of
from madang.store.trees import Trees

LEFT = f"""
SELECT {CONVERSATION}, owner, current FROM conversation
WHERE bot = :bot AND owner IS NOT NULL AND owner <> :me"""

LEFT_AT = f"{LEFT} AND place = :place AND current = 1"

ON_ITS_WAY = f"SELECT {TURN} FROM turn WHERE conversation = :conversation AND owner = :owner"

TAKE = "UPDATE turn SET owner = :me, showing = :me WHERE id = :turn"

STOP = f"""
UPDATE turn SET state = '{TurnState.STOPPED}', owner = NULL, showing = NULL WHERE id = :turn"""

UNSHOWN = f"""
SELECT {TURN}, {CONVERSATION}, turn.showing
FROM turn JOIN conversation ON conversation.id = turn.conversation
WHERE turn.showing IS NOT NULL AND turn.showing <> :me AND turn.owner IS NULL
AND bot = :bot AND current = 1"""

UNSHOWN_AT = f"{UNSHOWN} AND place = :place"

SHOW = "UPDATE turn SET showing = :showing WHERE id = :turn"

OWNED = "SELECT 1 FROM conversation WHERE id = :conversation AND owner = :me"


class Left(NamedTuple):
    """Be a conversation that somebody has to go on with."""

    conversation: Conversation
    owner: str
    current: bool


class Adoption:
    """Take over from the dead; every public method is one transaction."""

    def __init__(self, db: Database, owners: Owners, trees: Trees) -> None:
        self._db = db
        self._owners = owners
        self._trees = trees

    def adopt(self, bot: str, place: Place | None) -> Sequence[Conversation]:
        """Take over what dead owners left unanswered in the current conversations.

        An answer that was on its way in the history is this process's from now on, also when
        more was typed meanwhile; one outside of it is stopped with the text so far.
        """
        if not self._left(bot, place):
            return []
        with self._db.transaction():
            left = self._left(bot, place)
            living = {owner for _, owner, _ in left if self._owners.alive(owner)}
            return [
                each.conversation for each in left if each.owner not in living and self._take(each)
            ]

    def unshown(self, bot: str, place: Place | None) -> Sequence[Found]:
        """Take over the ended answers of the histories that dead owners have not shown whole."""
        if not self._unshown(bot, place):
            return []
        with self._db.transaction():
            left = self._unshown(bot, place)
            return [
                found
                for found, owner in left
                if not self._owners.alive(owner) and self._show(found)
            ]

    def shown(self, turn: str) -> None:
        """Note that people see an ended answer whole."""
        with self._db.transaction():
            self._db.change(SHOW, {"turn": turn, "showing": None})

    def _unshown(self, bot: str, place: Place | None) -> list[tuple[Found, str]]:
        rows = self._db.rows(UNSHOWN if place is None else UNSHOWN_AT, self._at(bot, place))
        return [(found_of(row), row[-1]) for row in rows]

    def _show(self, found: Found) -> bool:
        wanted = self._trees.in_history(found.turn)
        showing = self._owners.me if wanted else None
        self._db.change(SHOW, {"turn": found.turn.id, "showing": showing})
        return wanted

    def _at(self, bot: str, place: Place | None) -> Values:
        at: Values = {"place": place.key} if place is not None else {}
        return {**at, "bot": bot, "me": self._owners.me}

    def _left(self, bot: str, place: Place | None) -> list[Left]:
        rows = self._db.rows(LEFT if place is None else LEFT_AT, self._at(bot, place))
        return [Left(conversation_of(row), *row[-2:]) for row in rows]

    def _take(self, left: Left) -> bool:
        values: dict[str, Value] = {
            "conversation": left.conversation.id,
            "owner": left.owner,
            "me": self._owners.me,
        }
        for turn in map(turn_of, self._db.rows(ON_ITS_WAY, values)):
            wanted = left.current and self._trees.in_history(turn)
            self._db.change(TAKE if wanted else STOP, values | {"turn": turn.id})
        self._trees.settle(left.conversation.id)
        return self._db.row(OWNED, values) is not None
