"""A turn costs as much in a long conversation and a full store as in new ones."""

from itertools import count

import pytest

from madang.bench.store import bench_store
from madang.contract import Author, Place, Turn, TurnState
from madang.store import adoption, conversations, expiry, moving, people, pruning, trees
from madang.store.adoption import Adoption
from madang.store.conversations import Conversations
from madang.store.database import Database
from madang.store.owners import Owners
from madang.store.schema import prepare
from madang.store.trees import Trees

STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": text
    for module in (trees, conversations, people, pruning, expiry, moving, adoption)
    for name, text in vars(module).items()
    if name.isupper() and isinstance(text, str) and "WHERE" in text
}
PARAMETERS = (
    "turn conversation limit depth parent role me raw shown state problem message_ids model tip"
)
PLACE = "bot place owner author before created id chosen since new noticed"
BOTS = "message showing turns asks cut persona"


class Desk:
    """Count the steps of SQLite's machine that whole turns take."""

    def __init__(self) -> None:
        self.db = Database.at(":memory:")
        prepare(self.db)
        owners = Owners(None)
        self.trees = Trees(self.db, owners)
        self.conversations = Conversations(self.db, self.trees)
        self.adoption = Adoption(self.db, owners, self.trees)
        self.serial = count()
        self.steps = 0

    def one_turn(self, key: str, limit: int = 8) -> int:
        """Find the place, ask, answer, read the history; return the steps taken."""
        self.steps = 0
        conversation = self.conversations.conversation(Place(key)).id
        past = self.trees.history(conversation, limit)
        question = self.trees.add(self.turn(conversation, past[-1].id if past else None))
        pending = self.turn(conversation, question.id, TurnState.PENDING)
        self.trees.add(pending)
        self.trees.update(pending.id, "답", "답", TurnState.COMPLETE, None, None, None)
        self.adoption.adopt("terminal", Place(key))
        return self.steps

    def turn(
        self, conversation: str, parent: str | None, state: TurnState = TurnState.COMPLETE
    ) -> Turn:
        return Turn(
            id=str(next(self.serial)),
            parent=parent,
            conversation=conversation,
            role="user" if state is TurnState.COMPLETE else "persona",
            author=Author("terminal:alice", "앨리스"),
            created=0.0,
            state=state,
        )

    def step(self) -> None:
        self.steps += 1


def test_a_long_conversation_and_a_full_store_cost_nothing() -> None:
    desk = Desk()
    desk.db.connection.set_progress_handler(desk.step, 1)
    early = max(desk.one_turn("terminal/long") for _ in range(20))
    for number in range(500):
        desk.one_turn(f"terminal/{number}")
    late = max(desk.one_turn("terminal/long") for _ in range(300))
    assert late <= early * 1.05
    desk.db.close()


async def test_the_benchmark_runs() -> None:
    said: list[str] = []
    figures = await bench_store(conversations=30, turns=5, progress=said.append)
    assert figures["conversations"] == 30
    assert figures.keys() > {"empty", "full", "ratios", "peer"}
    assert said[0] == "filling in 30 conversations"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_reads_a_whole_table(statement: str) -> None:
    db = Database.at(":memory:")
    prepare(db)
    values = dict.fromkeys(f"{PARAMETERS} {PLACE} {BOTS}".split())
    plan = db.rows(f"EXPLAIN QUERY PLAN {STATEMENTS[statement]}", values)
    assert not [step for *_, step in plan if step.startswith(("SCAN turn", "SCAN conversation"))]
    db.close()
