"""The turn tree against a model of a few lines."""

from dataclasses import dataclass, replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from madang.contract import Author, Place, Role, Turn
from madang.store.conversations import Conversations
from madang.store.database import Database
from madang.store.owners import Owners
from madang.store.people import People
from madang.store.schema import prepare
from madang.store.trees import Trees

ALL = 1000
PEOPLE = ("alice", "bob")


@dataclass
class Node:
    """Be a turn of the model."""

    parent: str | None
    chosen: bool
    role: Role
    author: str


class TurnTree(RuleBasedStateMachine):
    """Say, choose, unchoose and forget at random; the history is always the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.db = Database.at(":memory:")
        prepare(self.db)
        owners = Owners(None)
        self.trees = Trees(self.db, owners)
        self.people = People(self.db)
        self.conversations = Conversations(self.db, self.trees)
        self.conversation = self.conversations.conversation(Place("terminal/tree")).id
        self.model: dict[str, Node] = {}
        self.serial = count()

    def teardown(self) -> None:
        self.db.close()

    def add(self, turn: str, parent: str | None, role: Role, who: str) -> Turn:
        return self.trees.add(
            Turn(
                id=turn,
                parent=parent,
                conversation=self.conversation,
                role=role,
                author=Author(who, who),
                created=float(turn),
            )
        )

    def depth(self, turn: str | None) -> int:
        return -1 if turn is None else self.depth(self.model[turn].parent) + 1

    def below(self, parent: str | None) -> list[str]:
        return [turn for turn, node in self.model.items() if node.parent == parent]

    def path(self) -> list[str]:
        found: list[str] = []
        while chosen := [
            turn for turn in self.below(found[-1] if found else None) if self.model[turn].chosen
        ]:
            assert len(chosen) == 1
            found += chosen
        return found

    def unchoose_below(self, parent: str | None) -> None:
        for turn in self.below(parent):
            self.model[turn].chosen = False

    @rule(data=st.data(), role=st.sampled_from(("user", "persona")), who=st.sampled_from(PEOPLE))
    def say(self, data: st.DataObject, role: Role, who: str) -> None:
        parent = data.draw(st.sampled_from((None, *self.model)))
        turn = str(next(self.serial))
        self.unchoose_below(parent)
        self.model[turn] = Node(parent, True, role, who)
        added = self.add(turn, parent, role, who)
        assert added.depth == self.depth(turn)

    @rule()
    def go_on(self) -> None:
        turn = str(next(self.serial))
        parent = ([None, *self.path()])[-1]
        self.model[turn] = Node(parent, True, "user", "alice")
        self.add(turn, parent, "user", "alice")

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        turn = data.draw(st.sampled_from(list(self.model)))
        self.unchoose_below(self.model[turn].parent)
        self.model[turn].chosen = True
        self.trees.choose(turn)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def unchoose(self, data: st.DataObject) -> None:
        turn = data.draw(st.sampled_from(list(self.model)))
        self.model[turn].chosen = False
        self.trees.unchoose(turn)

    @rule(who=st.sampled_from(PEOPLE))
    def forget(self, who: str) -> None:
        gone = {turn.id for turn in self.people.everything(who)}
        kept = [turn for turn in self.path() if turn not in gone]
        assert self.people.forget(who) == len(gone)
        left = self.trees.tree(self.conversation)
        assert {turn.id for turn in left} == self.model.keys() - gone
        self.model = {
            turn.id: replace(self.model[turn.id], parent=turn.parent, chosen=turn.chosen)
            for turn in left
        }
        assert self.path() == kept
        depths = {None: -1} | {turn.id: turn.depth for turn in left}
        assert all(turn.depth == depths[turn.parent] + 1 for turn in left)
        if not left:
            self.conversation = self.conversations.conversation(Place("terminal/tree")).id

    @invariant()
    def the_history_is_the_models(self) -> None:
        turns = self.trees.history(self.conversation, ALL)
        assert [turn.id for turn in turns] == self.path()
        assert [turn.depth for turn in turns] == list(range(len(turns)))

    @invariant()
    def a_short_history_is_the_end_of_it(self) -> None:
        path = self.path()
        ids = [turn.id for turn in self.trees.history(self.conversation, 3)]
        assert ids == path[len(path) - len(ids) :]
        assert len(ids) == len(path) or 3 <= len(ids) < 6


TestTurnTree = TurnTree.TestCase
TestTurnTree.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True, database=None
)
