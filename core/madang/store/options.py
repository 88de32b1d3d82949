"""What people set while madang runs: the options of places and of persons."""

from madang.contract import OptionTable, Place
from madang.store.database import Database
from madang.store.rows import below

REVISION = "SELECT number FROM option_revision"

SET = """
INSERT INTO option (subject, key, value) VALUES (:subject, :key, :value)
ON CONFLICT (subject, key) DO UPDATE SET value = excluded.value"""

MOVE = f"""
UPDATE OR IGNORE option SET subject = :new || substr(subject, length(:place) + 1)
WHERE {below("subject")}"""

UNSET = "DELETE FROM option WHERE subject = :subject AND key = :key"


class Options:
    """Keep options; all but `table` and `set` are for use within a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def table(self, since: int) -> OptionTable | None:
        """Return all options, or None where nothing changed since a revision."""
        # The revision first: what changes between the two is then read once more, never missed.
        ((revision,),) = self._db.rows(REVISION)
        if revision == since:
            return None
        said: dict[str, dict[str, str]] = {}
        for subject, key, value in self._db.rows("SELECT subject, key, value FROM option"):
            said.setdefault(subject, {})[key] = value
        return OptionTable(revision=revision, said=said)

    def set(self, subject: str, key: str, value: str | None) -> None:
        """Set one option, or take it back."""
        with self._db.transaction():
            sql = UNSET if value is None else SET
            self._db.change(sql, {"subject": subject, "key": key, "value": value})
            self._revise()

    def forget(self, person: str) -> None:
        """Delete the options of a person."""
        if self._db.change("DELETE FROM option WHERE subject = :person", {"person": person}):
            self._revise()

    def end(self, place: Place) -> int:
        """Delete the options of a place and all below it; return how many."""
        sql = f"DELETE FROM option WHERE {below('subject')}"
        count = self._db.change(sql, {"place": place.key})
        if count:
            self._revise()
        return count

    def move(self, place: Place, new: Place) -> None:
        """Rename a place and all below it; what was set under the new name already wins."""
        self._db.change(MOVE, {"place": place.key, "new": new.key})
        self.end(place)
        self._revise()

    def _revise(self) -> None:
        self._db.change("UPDATE option_revision SET number = number + 1")
