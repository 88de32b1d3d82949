"""What a person left behind: show it, forget it, and let old conversations expire."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from madang.contract import Turn
from madang.contract.tally import day_of
from madang.store.database import Database, Value, Values, explained
from madang.store.rows import TURN, turn_of
from madang.store.schema import backups
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

NODES = """
SELECT id, parent, depth, chosen, role = 'persona', author_id = :author AND role = 'user'
FROM turn WHERE conversation = :conversation ORDER BY depth"""

TIP = "SELECT tip FROM conversation WHERE id = :conversation"

RELINK = "UPDATE turn SET parent = :parent, depth = :depth, chosen = :chosen WHERE id = :id"

# Nobody waits for an answer to a question that has become the last turn only now.
MEND = """
UPDATE conversation SET tip = :tip, owner = CASE WHEN tip IS :tip THEN owner ELSE (
        SELECT owner FROM turn WHERE conversation = :conversation AND owner IS NOT NULL) END,
    touched = (SELECT max(created) FROM turn WHERE conversation = :conversation)
WHERE id = :conversation"""

REMOVE_IF_EMPTY = """
DELETE FROM conversation WHERE id = :conversation
AND NOT EXISTS (SELECT 1 FROM turn WHERE conversation = :conversation)"""


class Node(NamedTuple):
    """Be a turn reduced to its place in the tree; `wanted` ones are to be forgotten."""

    id: str
    parent: str | None
    depth: int
    chosen: bool
    answers: bool
    wanted: bool


@dataclass
class Pruned:
    """Hold what is gone, where those below go instead, and which links change for that.

    `heirs` maps a turn that is gone to its nearest surviving ancestor, and says whether all
    turns between were chosen: only then does what comes below stay chosen.
    """

    heirs: dict[str | None, tuple[str | None, bool]] = field(default_factory=dict)
    moved: list[Values] = field(default_factory=list)

    def tip(self, tip: str | None) -> str | None:
        """Return the end of the history after the pruning."""
        return self.heirs.get(tip, (tip, True))[0]


def prune(nodes: Iterable[Node]) -> Pruned:
    """Plan to take the wanted turns, and the answers to them, out of a tree given from the root.

    An answer is a persona's turn right below, in every variant, and a persona's going on with it;
    also one to several people at once, since it may repeat the words of each.
    """
    pruned = Pruned()
    joint: set[str | None] = set()  # what was said by and together with the wanted
    depths: dict[str | None, int] = {None: -1}
    for node in nodes:
        parent, chosen = pruned.heirs.get(node.parent, (node.parent, True))
        chosen = chosen and bool(node.chosen)
        if node.wanted or (not node.answers and node.parent in joint):
            joint.add(node.id)
        if node.wanted or (node.answers and (node.parent in pruned.heirs or node.parent in joint)):
            pruned.heirs[node.id] = (parent, chosen)
            continue
        depths[node.id] = depth = depths[parent] + 1
        if (parent, depth, chosen) != (node.parent, node.depth, bool(node.chosen)):
            moved: dict[str, Value] = {"parent": parent, "depth": depth, "chosen": chosen}
            pruned.moved.append(moved | {"id": node.id})
    return pruned


class People:
    """Export and delete; every public method is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._usage = Usage(db)

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
        self._remove_backups()
        self._db.scrub()
        return count

    def expire(self, before: float) -> int:
        """Delete conversations whose last turn is older than `before`, and copies that old.

        One without turns counts from its beginning. Counters of earlier days go too. Only `forget`
        writes the file anew.
        """
        sql = "DELETE FROM conversation WHERE touched < :before"
        with self._db.transaction():
            count = self._db.change(sql, {"before": before})
            self._usage.expire(day_of(before))
        self._remove_backups(before)
        return count

    def _forget_in(self, conversation: str, author: str) -> int:
        values: dict[str, Value] = {"conversation": conversation, "author": author}
        pruned = prune(map(Node._make, self._db.rows(NODES, values)))
        ((tip,),) = self._db.rows(TIP, values)
        gone = [{"id": turn} for turn in pruned.heirs]
        self._db.change_many("DELETE FROM turn WHERE id = :id", gone)
        self._db.change_many(RELINK, pruned.moved)
        if not self._db.change(REMOVE_IF_EMPTY, values):
            self._db.change(MEND, values | {"tip": pruned.tip(tip)})
        return len(gone)

    def _remove_backups(self, before: float = float("inf")) -> None:
        if not isinstance(self._db.path, Path):
            return
        with explained(self._db.path):
            for copy in backups(self._db.path):
                if copy.stat().st_mtime < before:
                    copy.unlink(missing_ok=True)
