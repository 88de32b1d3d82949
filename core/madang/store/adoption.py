"""What dead processes left unanswered, and how another one takes it over."""

from collections.abc import Sequence
from typing import NamedTuple

from madang.contract import Conversation, Place, TurnState
from madang.store.database import Database, Value
from madang.store.owners import Owners
from madang.store.rows import CONVERSATION, TURN, conversation_of, turn_of
from madang.store.trees import Trees

LEFT = f"""
SELECT {CONVERSATION}, owner, current FROM conversation
WHERE bot = :bot AND owner IS NOT NULL AND owner <> :me"""

LEFT_AT = f"{LEFT} AND place = :place AND current = 1"

ON_ITS_WAY = f"SELECT {TURN} FROM turn WHERE conversation = :conversation AND owner = :owner"

TAKE = "UPDATE turn SET owner = :me WHERE id = :turn"

STOP = f"UPDATE turn SET state = '{TurnState.STOPPED}', owner = NULL WHERE id = :turn"

OWNED = "SELECT 1 FROM conversation WHERE id = :conversation AND owner = :me"


class Left(NamedTuple):
    """Be a conversation that somebody has to go on with."""

    conversation: Conversation
    owner: str
    current: bool


class Adoption:
    """Take over from the dead; the public method is one transaction."""

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

    def _left(self, bot: str, place: Place | None) -> list[Left]:
        values: dict[str, Value] = {"bot": bot, "me": self._owners.me}
        if place is not None:
            values["place"] = place.key
        rows = self._db.rows(LEFT if place is None else LEFT_AT, values)
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
