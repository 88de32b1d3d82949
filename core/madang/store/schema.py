"""The tables, and how an older file becomes a newer one."""

import sqlite3
from contextlib import closing
from glob import escape
from pathlib import Path
from typing import Literal

from madang.errors import StoreTooNew
from madang.store.database import Database, damaged, explained

APPLICATION_ID = 0x6D646E67  # "mdng": tells our files from other programs'

PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    # A killed process loses nothing: the kernel has its writes. Only a power cut can take the
    # last few turns, and it leaves the file whole; FULL would pay a disk flush for every turn.
    "PRAGMA synchronous = NORMAL",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE conversation (
            id TEXT PRIMARY KEY,
            bot TEXT NOT NULL,
            place TEXT NOT NULL,
            current INTEGER NOT NULL DEFAULT 1,  -- a place has one, resets leave the others
            created REAL NOT NULL,
            touched REAL NOT NULL,               -- when its last turn was created
            persona TEXT NOT NULL DEFAULT '',
            noticed TEXT NOT NULL DEFAULT '[]',
            tip TEXT,                            -- the last turn of the history
            owner TEXT                           -- who has to go on with it, if anybody
        )""",
        "CREATE UNIQUE INDEX conversation_current ON conversation (bot, place) WHERE current = 1",
        "CREATE INDEX conversation_touched ON conversation (touched)",
        "CREATE INDEX conversation_owner ON conversation (bot, owner) WHERE owner IS NOT NULL",
        """CREATE TABLE turn (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
            parent TEXT,
            depth INTEGER NOT NULL,
            chosen INTEGER NOT NULL,
            role TEXT NOT NULL,
            author_id TEXT NOT NULL,
            author_name TEXT NOT NULL,
            persona TEXT NOT NULL,
            raw TEXT NOT NULL,
            shown TEXT NOT NULL,
            state TEXT NOT NULL,
            problem TEXT NOT NULL,
            message_ids TEXT NOT NULL,
            created REAL NOT NULL,
            owner TEXT                           -- who is answering; set while pending
        )""",
        "CREATE INDEX turn_siblings ON turn (conversation, parent)",
        "CREATE INDEX turn_author ON turn (author_id) WHERE role = 'user'",
        "CREATE INDEX turn_pending ON turn (conversation) WHERE owner IS NOT NULL",
    ),
    # Which model wrote an answer; of answers from before nobody knows.
    ("ALTER TABLE turn ADD COLUMN model TEXT NOT NULL DEFAULT ''",),
    # How much was asked; of what was asked before nobody knows.
    (
        """CREATE TABLE usage (
            day TEXT NOT NULL,                   -- a date of UTC
            place TEXT NOT NULL,
            author_id TEXT NOT NULL,             -- who asked, empty once forgotten
            persona TEXT NOT NULL,
            model TEXT NOT NULL,
            requests INTEGER NOT NULL,
            prompt INTEGER NOT NULL,
            output INTEGER NOT NULL,
            cached INTEGER NOT NULL,
            PRIMARY KEY (day, place, author_id, persona, model)
        ) WITHOUT ROWID""",
        # `day` and the rest of the primary key follow by themselves.
        "CREATE INDEX usage_author ON usage (author_id)",
    ),
    # What bots need to know of their platforms, and what people set while madang runs.
    (
        "ALTER TABLE conversation ADD COLUMN since REAL NOT NULL DEFAULT 0",
        "CREATE INDEX conversation_place ON conversation (place)",
        "ALTER TABLE turn ADD COLUMN asks INTEGER NOT NULL DEFAULT 1",
        # Who has to show an answer to its people; set until they see the whole.
        "ALTER TABLE turn ADD COLUMN showing TEXT",
        "CREATE INDEX turn_showing ON turn (showing) WHERE showing IS NOT NULL",
        # The index over `turn.message_ids`; ids are unique at a place, not on a bot.
        """CREATE TABLE message (
            id TEXT NOT NULL,
            place TEXT NOT NULL,
            turn TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
            PRIMARY KEY (id, place, turn)
        ) WITHOUT ROWID""",
        "CREATE INDEX message_turn ON message (turn)",
        """INSERT OR IGNORE INTO message
            SELECT ids.value, place, turn.id FROM turn JOIN json_each(turn.message_ids) AS ids
            JOIN conversation ON conversation.id = turn.conversation""",
        """CREATE TRIGGER message_new AFTER INSERT ON turn WHEN new.message_ids <> '[]' BEGIN
            INSERT OR IGNORE INTO message
            SELECT ids.value, place, new.id FROM json_each(new.message_ids) AS ids
            JOIN conversation ON conversation.id = new.conversation;
        END""",
        """CREATE TRIGGER message_changed AFTER UPDATE OF message_ids ON turn
        WHEN new.message_ids <> old.message_ids BEGIN
            DELETE FROM message WHERE turn = new.id;
            INSERT OR IGNORE INTO message
            SELECT ids.value, place, new.id FROM json_each(new.message_ids) AS ids
            JOIN conversation ON conversation.id = new.conversation;
        END""",
        """CREATE TABLE option (
            subject TEXT NOT NULL,               -- the key of a place, or the id of a person
            key TEXT NOT NULL,
            value TEXT NOT NULL,                 -- JSON
            PRIMARY KEY (subject, key)
        ) WITHOUT ROWID""",
        "CREATE TABLE option_revision (number INTEGER NOT NULL)",
        "INSERT INTO option_revision VALUES (0)",
    ),
    # Which answers could go on, and what a bot has to finish after it was killed.
    (
        "ALTER TABLE turn ADD COLUMN cut INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE note (
            seq INTEGER PRIMARY KEY,
            bot TEXT NOT NULL,
            key TEXT NOT NULL,
            text TEXT NOT NULL,
            author_id TEXT NOT NULL,             -- whom it is about, if anybody
            created REAL NOT NULL,
            UNIQUE (bot, key)
        )""",
    ),
)
"""Entry N brings a file from schema N to N + 1; what was released is never edited."""


def prepare(db: Database) -> None:
    """Bring a file to the newest schema, with a copy of what it was beside it.

    Raises `StoreCorrupt` for what is no store and `StoreTooNew` for a newer madang's, both
    before anything is written.
    """
    with explained(db.path):
        check(db)
        db.connection.execute("PRAGMA journal_mode = WAL")
        for pragma in PRAGMAS:
            db.connection.execute(pragma)
    with db.transaction(), explained(db.path):
        version = check(db)
        if version < len(MIGRATIONS):
            if version and isinstance(db.path, Path):
                back_up(db.path, version)
            migrate(db, version)
    db.version = len(MIGRATIONS)


def migrate(db: Database, version: int) -> None:
    """Bring the tables forward, within a transaction."""
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            db.change(statement)
    db.change(f"PRAGMA application_id = {APPLICATION_ID}")
    db.change(f"PRAGMA user_version = {len(MIGRATIONS)}")


def check(db: Database) -> int:
    """Return the schema version of a file, 0 for an empty one."""
    (application,) = db.row("PRAGMA application_id") or (0,)
    (version,) = db.row("PRAGMA user_version") or (0,)
    (tables,) = db.row("SELECT count(*) FROM sqlite_master") or (0,)
    if application != APPLICATION_ID and (application or version or tables):
        raise damaged(db.path, "it is another program's database")
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"{db.path} has schema {version}; this madang knows up to {len(MIGRATIONS)}.",
            "Update madang, or choose another file. Nothing was changed.",
        )
    return int(version)


def back_up(path: Path, version: int) -> None:
    """Copy a file to `NAME.vN.bak`, whole or not at all."""
    copy = backup_name(path, version)
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    # A rename is whole or not at all, so a copy that is there is good.
    part.replace(copy)


def backup_name(path: Path, version: int) -> Path:
    """Name the copy of a file as it was at one schema version."""
    return path.with_name(f"{path.name}.v{version}.bak")


def backups(path: Path) -> list[Path]:
    """List the copies beside a file, unfinished ones included."""
    return sorted(path.parent.glob(f"{escape(path.name)}.v*.bak*"))


def remove_backups(path: Path | Literal[":memory:"], before: float = float("inf")) -> None:
    """Delete the copies that are older than `before`."""
    if not isinstance(path, Path):
        return
    with explained(path):
        for copy in backups(path):
            if copy.stat().st_mtime < before:
                copy.unlink(missing_ok=True)
