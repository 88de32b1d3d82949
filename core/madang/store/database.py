"""One SQLite connection: transactions, clean text, and errors that name the file."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from madang.errors import StoreCorrupt, StoreError, StoreNotWritable, StoreTooNew

MEMORY: Literal[":memory:"] = ":memory:"

PATIENCE = 30.0
"""How long a write waits for the writes of other processes, in seconds."""

Value = str | int | float | None
Values = Mapping[str, Value]
Row = tuple[Any, ...]

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
}


class Database:
    """Run statements on one connection, which must stay on one thread at a time.

    `sqlite3.Error` never leaves it for what can happen to a file: a damaged one is
    `StoreCorrupt`, one that takes no more is `StoreNotWritable`, and a transaction that fails
    is rolled back whole. Lone surrogates in text become U+FFFD.
    """

    def __init__(self, path: Path | Literal[":memory:"]) -> None:
        self.path = path
        self.version = 0
        with explained(path):
            self.connection = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )

    @classmethod
    def at(cls, path: Path | Literal[":memory:"]) -> Self:
        """Open a file, which only its user may read when it is new."""
        if isinstance(path, Path):
            with explained(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                _create_private(path)
        return cls(path)

    def rows(self, sql: str, values: Values | None = None) -> list[Row]:
        """Return what a statement answers."""
        with explained(self.path):
            return self.connection.execute(sql, cleaned(values or {})).fetchall()

    def row(self, sql: str, values: Values | None = None) -> Row | None:
        """Return the first row of an answer."""
        return next(iter(self.rows(sql, values)), None)

    def change(self, sql: str, values: Values | None = None) -> int:
        """Run a statement and return how many rows it changed."""
        with explained(self.path):
            return self.connection.execute(sql, cleaned(values or {})).rowcount

    def change_many(self, sql: str, many: Iterable[Values]) -> None:
        """Run a statement once for each set of values."""
        with explained(self.path):
            self.connection.executemany(sql, map(cleaned, many))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock of the file; keep all of what is done meanwhile, or nothing."""
        self.change("BEGIN IMMEDIATE")
        try:
            self._refuse_newer()
            yield
            self.change("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself after some errors, such as a full disk.
            if self.connection.in_transaction:
                self.connection.rollback()
            raise

    def scrub(self) -> None:
        """Write the file anew with nothing but what is stored, and empty the log.

        `secure_delete` zeroes a deleted record but not the copies of it that rebalancing left
        between records. Takes seconds for each GB, and as much free disk again as the file has.
        """
        self.change("VACUUM")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _refuse_newer(self) -> None:
        # Another process may have brought the schema forward under our feet.
        (version,) = self.row("PRAGMA user_version") or (0,)
        if self.version and version != self.version:
            raise StoreTooNew(
                f"A newer madang changed {self.path} to schema {version} while this one ran.",
                "Start this program again with the newer madang.",
            )


@contextmanager
def explained(path: Path | Literal[":memory:"]) -> Iterator[None]:
    """Turn what SQLite and the file system say into an error that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED:
            raise damaged(path, str(error)) from error
        if code in _UNWRITABLE:
            raise unwritable(path, str(error)) from error
        raise
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error


def damaged(path: Path | Literal[":memory:"], why: str) -> StoreError:
    """Word that a file is no store; nothing touches it."""
    return StoreCorrupt(
        f"{path} is no madang store: {why}.",
        f"Nothing was changed. Move {path} aside, or restore a backup ({path}.v*.bak).",
    )


def unwritable(path: Path | Literal[":memory:"], why: str) -> StoreError:
    """Word that a file takes no more; what was stored before stays."""
    return StoreNotWritable(
        f"Cannot write {path}: {why}.",
        "Free some disk space, make the file and its folder writable, or stop what holds it. "
        "Nothing stored is lost.",
    )


def cleaned(values: Values) -> Values:
    """Replace what cannot be stored as text."""
    return {
        name: storable(value) if isinstance(value, str) else value for name, value in values.items()
    }


def storable(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _create_private(path: Path) -> None:
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        # Never opened here otherwise: closing it would drop SQLite's locks of this process.
        return
