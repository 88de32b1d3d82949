"""What is over: old conversations, and places that the bot has left."""

from collections.abc import Collection

from madang.contract import Place, Removed
from madang.contract.tally import day_of
from madang.store.database import Database, Value, Values
from madang.store.notes import Notes
from madang.store.options import Options
from madang.store.rows import below
from madang.store.schema import remove_backups
from madang.store.usage import Usage

OLD = "SELECT id, place FROM conversation WHERE touched < :before"

OLD_AT = f"{OLD} AND {below('place')}"

DELETE = "DELETE FROM conversation WHERE id = :id"

COUNT_TURNS = f"""
SELECT count(*) FROM turn JOIN conversation ON conversation.id = turn.conversation
WHERE {below("place")}"""


class Expiry:
    """Delete what is over; every public method is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._usage = Usage(db)
        self._notes = Notes(db)
        self._options = Options(db)

    def expire(self, before: float, place: Place | None, but: Collection[Place]) -> int:
        """Delete conversations whose last turn is older than `before`; return how many.

        One without turns counts from its beginning. Without a `place`, counters of earlier days
        go too, and notes and copies that old. Only `forget` writes the file anew.
        """
        values: dict[str, Value] = {"before": before, "place": place.key if place else None}
        spared = {each.key for each in but}
        with self._db.transaction():
            rows = self._db.rows(OLD_AT if place else OLD, values)
            old = [{"id": id_} for id_, key in rows if spared.isdisjoint(Place(key).lineage)]
            self._db.change_many(DELETE, old)
            if place is None:
                self._usage.expire(day_of(before))
                self._notes.expire(before)
        if place is None:
            remove_backups(self._db.path, before)
        return len(old)

    def end(self, place: Place) -> Removed:
        """Delete all that was said and set at a place and below it; return how much."""
        values: Values = {"place": place.key}
        with self._db.transaction():
            ((turns,),) = self._db.rows(COUNT_TURNS, values)
            sql = f"DELETE FROM conversation WHERE {below('place')}"
            conversations = self._db.change(sql, values)
            self._usage.end(place)
            options = self._options.end(place)
        return Removed(conversations=conversations, turns=turns, options=options)
