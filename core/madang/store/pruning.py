"""Turns taken out of a tree, and what then becomes of those below them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from madang.contract import Turn
from madang.store.database import Database, Row, Value, Values
from madang.store.rows import TURN, turn_of

NODES = """
SELECT id, parent, depth, chosen, role = 'persona', author_id = :author AND role = 'user'
FROM turn WHERE conversation = :conversation ORDER BY depth"""

SINGLE = """
SELECT id, parent, depth, chosen, 0, id IN (SELECT value FROM json_each(:turns))
FROM turn WHERE conversation = :conversation ORDER BY depth"""

THESE = f"SELECT {TURN} FROM turn WHERE id IN (SELECT value FROM json_each(:turns)) ORDER BY seq"

CONVERSATION_OF = """
SELECT DISTINCT conversation FROM turn WHERE id IN (SELECT value FROM json_each(:turns))"""

TIP = "SELECT tip FROM conversation WHERE id = :conversation"

RELINK = "UPDATE turn SET parent = :parent, depth = :depth, chosen = :chosen WHERE id = :id"

# Nobody waits for an answer to a question that has become the last turn only now.
MEND = """
UPDATE conversation SET tip = :tip, owner = CASE WHEN tip IS :tip THEN owner ELSE (
        SELECT owner FROM turn WHERE conversation = :conversation AND owner IS NOT NULL) END,
    touched = coalesce(
        (SELECT max(created) FROM turn WHERE conversation = :conversation), touched)
WHERE id = :conversation"""


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


class Pruning:
    """Delete turns of one conversation; `said_by` is for use within a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def said_by(self, author: str, conversation: str) -> int:
        """Delete what somebody said, and the answers to it; return how many turns."""
        values: Values = {"conversation": conversation, "author": author}
        return self._prune(conversation, self._db.rows(NODES, values))

    def turns(self, turns: Sequence[str]) -> Sequence[Turn]:
        """Delete these turns and no others; return them as they were."""
        ids = msgspec.json.encode(turns).decode()
        with self._db.transaction():
            gone = [turn_of(row) for row in self._db.rows(THESE, {"turns": ids})]
            for (conversation,) in self._db.rows(CONVERSATION_OF, {"turns": ids}):
                values: Values = {"conversation": conversation, "turns": ids}
                self._prune(conversation, self._db.rows(SINGLE, values))
        return gone

    def _prune(self, conversation: str, rows: Iterable[Row]) -> int:
        values: dict[str, Value] = {"conversation": conversation}
        pruned = prune(map(Node._make, rows))
        ((tip,),) = self._db.rows(TIP, values)
        gone = [{"id": turn} for turn in pruned.heirs]
        self._db.change_many("DELETE FROM turn WHERE id = :id", gone)
        self._db.change_many(RELINK, pruned.moved)
        self._db.change(MEND, values | {"tip": pruned.tip(tip)})
        return len(gone)
