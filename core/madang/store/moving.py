"""A place that its platform has given another name."""

from madang.contract import Place
from madang.store.database import Database, Value
from madang.store.options import Options
from madang.store.rows import below
from madang.store.usage import Usage

RENAMED = ":new || substr({column}, length(:place) + 1)"

AT = below("place")

# Where people talk under the new name already, that goes on.
PUT_ASIDE = f"""
UPDATE conversation SET current = 0, owner = NULL WHERE current = 1 AND {AT} AND EXISTS (
    SELECT 1 FROM conversation AS other WHERE other.bot = :bot AND other.current = 1
    AND other.place = {RENAMED.format(column="conversation.place")})"""

MOVE_CONVERSATIONS = f"""
UPDATE conversation SET bot = :bot, place = {RENAMED.format(column="place")} WHERE {AT}"""

FORGET_MESSAGES = f"""
UPDATE turn SET message_ids = '[]' WHERE message_ids <> '[]'
AND conversation IN (SELECT id FROM conversation WHERE {AT})"""


class Moving:
    """Rename places; the public method is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._options = Options(db)
        self._usage = Usage(db)

    def move(self, place: Place, new: Place) -> None:
        """Rename a place and all below it, with all that was said, set and counted there.

        The ids of messages are not taken along: under the new name they are others'.
        """
        values: dict[str, Value] = {"place": place.key, "new": new.key, "bot": new.bot}
        with self._db.transaction():
            for sql in (PUT_ASIDE, FORGET_MESSAGES, MOVE_CONVERSATIONS):
                self._db.change(sql, values)
            self._options.move(place, new)
            self._usage.move(place, new)
