"""What a bot has to finish after it was killed: short notes, under keys of its own."""

import time
from collections.abc import Mapping

from madang.store.database import Database, Value, storable

KEEP = """
INSERT INTO note (bot, key, text, author_id, created) VALUES (:bot, :key, :text, :author, :created)
ON CONFLICT (bot, key) DO UPDATE SET text = excluded.text, author_id = excluded.author_id"""

KEPT = """
SELECT key, text FROM note WHERE bot = :bot AND substr(key, 1, length(:prefix)) = :prefix
ORDER BY seq"""


class Notes:
    """Keep notes; `forget` and `expire` are for use within a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, bot: str, key: str, text: str, author: str) -> None:
        """Keep a note, in the place of one of the same key."""
        values: dict[str, Value] = {"bot": bot, "key": key, "text": storable(text)}
        values |= {"author": author, "created": time.time()}
        with self._db.transaction():
            self._db.change(KEEP, values)

    def kept(self, bot: str, prefix: str) -> Mapping[str, str]:
        """Return the notes of a bot whose keys begin so, in the order in which they came."""
        return dict(self._db.rows(KEPT, {"bot": bot, "prefix": prefix}))

    def let_go(self, bot: str, key: str) -> None:
        """Delete a note."""
        with self._db.transaction():
            sql = "DELETE FROM note WHERE bot = :bot AND key = :key"
            self._db.change(sql, {"bot": bot, "key": key})

    def forget(self, author: str) -> None:
        """Delete the notes about somebody."""
        self._db.change("DELETE FROM note WHERE author_id = :author", {"author": author})

    def expire(self, before: float) -> None:
        """Delete the notes from before a time."""
        self._db.change("DELETE FROM note WHERE created < :before", {"before": before})
