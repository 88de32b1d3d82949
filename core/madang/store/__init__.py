"""The store: conversations and their turn trees in one SQLite file.

Downhill: `sqlite` is the door; `conversations`, `trees`, `adoption`, `options` and `usage` do its
work, and `people`, `pruning`, `expiry` and `moving` clear up; `owners` knows which processes live;
`rows` makes turns of records, `schema` the tables, and `database` speaks to SQLite.
"""

from madang.store.sqlite import SqliteStore

__all__ = ["SqliteStore"]
