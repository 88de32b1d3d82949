"""What a person left behind: show it, and forget it."""

from collections.abc import Sequence

from madang.contract import Turn
from madang.store.database import Database, Values
from madang.store.notes import Notes
from madang.store.options import Options
from madang.store.pruning import Pruning
from madang.store.rows import TURN, turn_of
from madang.store.schema import remove_backups
from madang.store.usage import Usage

EVERYTHING = f"""
WITH RECURSIVE said (id, conversation) AS (
    SELECT id, conversation FROM turn WHERE author_id = :author AND role = 'user'
    UNION
    SELECT turn.id, turn.conversation FROM said JOIN turn
    ON turn.conversation = said.conversation AND turn.parent = said.id AND turn.role = 'persona'
)
SELECT {TURN} FROM said JOIN turn ON turn.id = said.id ORDER BY turn.seq"""

TALKED_IN = "SELECT DISTINCT conversation FROM turn WHERE author_id = :author AND role = 'user'"

REMOVE_IF_EMPTY = """
DELETE FROM conversation WHERE id = :conversation
AND NOT EXISTS (SELECT 1 FROM turn WHERE conversation = :conversation)"""


class People:
    """Export and forget; every public method is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._usage = Usage(db)
        self._options = Options(db)
        self._notes = Notes(db)
        self._pruning = Pruning(db)

    def everything(self, author: str) -> Sequence[Turn]:
        """Return every turn that somebody wrote and the answers to it, oldest first."""
        return [turn_of(row) for row in self._db.rows(EVERYTHING, {"author": author})]

    def forget(self, author: str) -> int:
        """Delete every turn of somebody, and the answers to them; return how many.

        A conversation that has no turn left goes too, since its place may name the person. What
        was counted of them stays as nobody's, and without a place where they alone were counted.
        So do the copies made before migrations, and the file is written anew so that no byte
        stays; when the disk is too full for that, the turns are gone all the same, and another
        `forget` finishes it.
        """
        with self._db.transaction():
            talked_in = self._db.rows(TALKED_IN, {"author": author})
            count = sum(self._forget_in(conversation, author) for (conversation,) in talked_in)
            self._usage.forget(author)
            self._options.forget(author)
            self._notes.forget(author)
        remove_backups(self._db.path)
        self._db.scrub()
        return count

    def _forget_in(self, conversation: str, author: str) -> int:
        count = self._pruning.said_by(author, conversation)
        values: Values = {"conversation": conversation}
        self._db.change(REMOVE_IF_EMPTY, values)
        return count
