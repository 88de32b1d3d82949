"""How much was asked: counters by day, place, person, persona and model."""

from collections.abc import Collection, Sequence

from madang.contract import Author, Place, Tally, TallyKey
from madang.store.database import Database, Row, Value
from madang.store.rows import below, place_values

COLUMNS: dict[TallyKey, str] = {
    "day": "day",
    "place": "place",
    "author": "author_id",
    "persona": "persona",
    "model": "model",
}
KEYS = ", ".join(COLUMNS.values())

COUNTS = "requests, prompt, output, cached"

ADD_UP = f"""
ON CONFLICT ({KEYS}) DO UPDATE SET
    requests = requests + excluded.requests, prompt = prompt + excluded.prompt,
    output = output + excluded.output, cached = cached + excluded.cached"""

COUNT = f"""
INSERT INTO usage ({KEYS}, {COUNTS})
VALUES (:day, :place, :author, :persona, :model, :requests, :prompt, :output, :cached) {ADD_UP}"""

SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTS.split(", "))

NAME = """
coalesce((SELECT author_name FROM turn
    WHERE turn.author_id = usage.author_id AND role = 'user' ORDER BY seq DESC LIMIT 1), '')"""

AT = below("place")

# Persons keep what they used up today.
LEAVE_TO_BOT = f"""
INSERT INTO usage ({KEYS}, {COUNTS})
SELECT day, :bot, author_id, persona, model, {COUNTS}
FROM usage WHERE {AT} AND place <> :bot {ADD_UP}"""

# A place at which nobody else was counted may name the person, so that only the bot stays of it.
ANONYMISE = f"""
WITH shared AS (SELECT DISTINCT place FROM usage WHERE author_id NOT IN ('', :author))
INSERT INTO usage ({KEYS}, {COUNTS})
SELECT day,
    CASE WHEN place IN shared THEN place ELSE substr(place, 1, instr(place || '/', '/') - 1) END,
    '', persona, model, {COUNTS}
FROM usage WHERE author_id = :author {ADD_UP}"""

MOVE = f"""
INSERT INTO usage ({KEYS}, {COUNTS})
SELECT day, :new || substr(place, length(:place) + 1), author_id, persona, model, {COUNTS}
FROM usage WHERE {AT} {ADD_UP}"""


class Usage:
    """Add up and sum; what changes the counters, but for `add`, is for use in a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, tally: Tally) -> None:
        """Add to the counters of a day, in a transaction of its own."""
        with self._db.transaction():
            self.count(tally)

    def count(self, tally: Tally) -> None:
        """Add to the counters of a day."""
        values: dict[str, Value] = {name: getattr(tally, name) for name in COUNTS.split(", ")}
        values |= {"day": tally.day, "place": tally.place, "author": tally.author.id}
        self._db.change(COUNT, values | {"persona": tally.persona, "model": tally.model})

    def sums(
        self, day: str, since: str, author: str, place: str, by: Collection[TallyKey]
    ) -> Sequence[Tally]:
        """Sum what was counted, apart for every value of the keys in `by`."""
        columns = [COLUMNS[key] if key in by else "''" for key in COLUMNS]
        name = NAME if "author" in by else "''"
        group = ", ".join(COLUMNS[key] for key in COLUMNS if key in by)
        wanted = {"day = :day": day, "day >= :since": since}
        wanted |= {"author_id = :author": author, AT: place}
        where = " AND ".join(condition for condition, value in wanted.items() if value)
        sql = f"SELECT {', '.join(columns)}, {name}, {SUMS} FROM usage WHERE {where or '1'}"
        sql += f" GROUP BY {group} ORDER BY {group}" if group else ""
        values = {"day": day, "since": since, "author": author, "place": place}
        return [_tally_of(row) for row in self._db.rows(sql, values)]

    def forget(self, author: str) -> None:
        """Add what somebody asked to what nobody in particular asked."""
        self._db.change(ANONYMISE, {"author": author})
        self._db.change("DELETE FROM usage WHERE author_id = :author", {"author": author})

    def end(self, place: Place) -> None:
        """Let go of a place and all below it; what was counted there stays as the bot's."""
        values = place_values(place)
        self._db.change(LEAVE_TO_BOT, values)
        self._db.change(f"DELETE FROM usage WHERE {AT} AND place <> :bot", values)

    def move(self, place: Place, new: Place) -> None:
        """Rename a place and all below it."""
        values = {"place": place.key, "new": new.key}
        self._db.change(MOVE, values)
        self._db.change(f"DELETE FROM usage WHERE {AT}", values)

    def expire(self, before: str) -> None:
        """Delete the counters of all days before a day."""
        self._db.change("DELETE FROM usage WHERE day < :before", {"before": before})


def _tally_of(row: Row) -> Tally:
    day, place, author, persona, model, name, requests, prompt, output, cached = row
    return Tally(
        day=day,
        place=place,
        author=Author(author, name),
        persona=persona,
        model=model,
        requests=requests,
        prompt=prompt,
        output=output,
        cached=cached,
    )
