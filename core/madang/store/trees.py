"""The turn trees: siblings are variants, the chosen turns from the root on are the history.

A conversation keeps its `tip`, the last turn of the history, so that nothing here grows with
the length of a conversation: the history is read from the tip upwards.
"""

from collections.abc import Sequence

from madang.contract import Found, Place, Tally, Turn, TurnState
from madang.errors import ConversationBusy, TurnNotFound
from madang.store.database import Database, Value, Values
from madang.store.owners import Owners
from madang.store.rows import FOUND, TURN, below, found_of, text_of, turn_of, values_of
from madang.store.usage import Usage

FIND = f"SELECT {TURN} FROM turn WHERE id = :turn"

LOCATE = f"{FOUND} WHERE turn.id = :turn"

SHOWN_AS = f"""
{FOUND} JOIN message ON message.turn = turn.id
WHERE message.id = :message AND {below("message.place")}
ORDER BY conversation.current DESC, turn.chosen DESC, turn.seq DESC"""

HISTORY = f"""
WITH RECURSIVE up (id, parent, depth, first) AS (
    SELECT turn.id, turn.parent, turn.depth,
           max(0, ((turn.depth + 1) / :limit - 1) * :limit)
    FROM conversation JOIN turn ON turn.id = conversation.tip
    WHERE conversation.id = :conversation
    UNION ALL
    SELECT turn.id, turn.parent, turn.depth, up.first
    FROM up JOIN turn ON turn.id = up.parent WHERE up.depth > up.first
)
SELECT {TURN} FROM up JOIN turn ON turn.id = up.id ORDER BY up.depth"""

TREE = f"SELECT {TURN} FROM turn WHERE conversation = :conversation ORDER BY seq"

VARIANTS = f"""
SELECT {TURN} FROM turn
WHERE conversation = :conversation AND parent IS :parent AND role = :role ORDER BY seq"""

LEADS_TO_TIP = """
WITH RECURSIVE up (id, parent, depth) AS (
    SELECT turn.id, turn.parent, turn.depth
    FROM conversation JOIN turn ON turn.id = conversation.tip
    WHERE conversation.id = :conversation
    UNION ALL
    SELECT turn.id, turn.parent, turn.depth
    FROM up JOIN turn ON turn.id = up.parent WHERE up.depth > :depth
)
SELECT 1 FROM up WHERE id = :turn"""

LAST_CHOSEN_BELOW = """
WITH RECURSIVE down (id, depth) AS (
    SELECT :turn, 0
    UNION ALL
    SELECT turn.id, down.depth + 1
    FROM down JOIN turn ON turn.conversation = :conversation AND turn.parent = down.id
    WHERE turn.chosen = 1
)
SELECT id FROM down ORDER BY depth DESC LIMIT 1"""

INSERT = """
INSERT INTO turn (id, conversation, parent, depth, chosen, role, author_id, author_name,
    persona, model, raw, shown, state, problem, message_ids, asks, cut, created, owner, showing)
VALUES (:id, :conversation, :parent, :depth, 1, :role, :author_id, :author_name,
    :persona, :model, :raw, :shown, :state, :problem, :message_ids, :asks, :cut, :created, :owner,
    :owner)"""

UNCHOOSE_SIBLINGS = """
UPDATE turn SET chosen = 0
WHERE conversation = :conversation AND parent IS :parent AND chosen = 1"""

UPDATE = """
UPDATE turn SET raw = coalesce(:raw, raw), shown = coalesce(:shown, shown),
    state = coalesce(:state, state), problem = coalesce(:problem, problem),
    message_ids = coalesce(:message_ids, message_ids), model = coalesce(:model, model),
    persona = coalesce(:persona, persona), asks = coalesce(:asks, asks), cut = coalesce(:cut, cut),
    owner = CASE coalesce(:state, state) WHEN 'pending' THEN coalesce(owner, :me) END,
    showing = CASE :state WHEN 'pending' THEN :me ELSE showing END
WHERE id = :turn"""

PENDING = """
SELECT owner FROM turn
WHERE conversation = :conversation AND owner IS NOT NULL AND id <> :turn"""

# Somebody has to settle a conversation while an answer is on its way in it, or while it is the
# place's current one and ends with a question, whatever else was heard since.
SETTLE = """
WITH RECURSIVE said (parent, asks) AS (
    SELECT turn.parent, turn.asks FROM conversation JOIN turn ON turn.id = conversation.tip
    WHERE conversation.id = :conversation AND current = 1 AND role = 'user'
    UNION ALL
    SELECT turn.parent, turn.asks FROM said JOIN turn ON turn.id = said.parent
    WHERE said.asks = 0 AND role = 'user'
)
UPDATE conversation SET owner = coalesce(
    (SELECT owner FROM turn
     WHERE conversation = :conversation AND owner IS NOT NULL ORDER BY seq DESC LIMIT 1),
    (SELECT :me FROM said WHERE asks = 1))
WHERE id = :conversation"""


class Trees:
    """Read and change turns; every public method but the last two is one transaction."""

    def __init__(self, db: Database, owners: Owners) -> None:
        self._db = db
        self._owners = owners
        self._usage = Usage(db)

    def turn(self, turn: str) -> Turn | None:
        """Return one turn, or None when it is gone."""
        row = self._db.row(FIND, {"turn": turn})
        return turn_of(row) if row else None

    def locate(self, turn: str) -> Found | None:
        """Return one turn and where it was said, or None when it is gone."""
        row = self._db.row(LOCATE, {"turn": turn})
        return found_of(row) if row else None

    def find(self, place: Place, message: str) -> Sequence[Found]:
        """Return the turns that a message shows, at a place or below it."""
        values: Values = {"place": place.key, "message": message}
        return [found_of(row) for row in self._db.rows(SHOWN_AS, values)]

    def history(self, conversation: str, limit: int) -> Sequence[Turn]:
        """Walk from the tip up to a depth that moves in steps of `limit`."""
        values: Values = {"conversation": conversation, "limit": max(1, limit)}
        return [turn_of(row) for row in self._db.rows(HISTORY, values)]

    def tree(self, conversation: str) -> Sequence[Turn]:
        """Return every turn, variants included, oldest first."""
        return [turn_of(row) for row in self._db.rows(TREE, {"conversation": conversation})]

    def variants(self, turn: str) -> Sequence[Turn]:
        """Return a turn and its siblings of the same role, oldest first."""
        found = self._get(turn)
        return [turn_of(row) for row in self._db.rows(VARIANTS, values_of(found))]

    def add(self, turn: Turn) -> Turn:
        """Append a turn; it ends the history when its parent did or was part of it.

        Below a parent that is out of the history it stays out too. A pending turn of a dead
        owner is in nobody's way; `adopt` settles it.
        """
        with self._db.transaction():
            if turn.state is TurnState.PENDING:
                self._refuse_second(turn.conversation)
            self._touch(turn)
            shown_above = turn.parent is None
            depth = 0
            if turn.parent is not None:
                parent = self._get(turn.parent, turn.conversation)
                depth = parent.depth + 1
                shown_above = self.in_history(parent)
            owner = self._owners.me if turn.state is TurnState.PENDING else None
            values = values_of(turn) | {"depth": depth, "owner": owner}
            self._db.change(UNCHOOSE_SIBLINGS, values)
            self._db.change(INSERT, values)
            if shown_above:
                self._point(turn.conversation, turn.id)
            if turn.asks:
                # What is only heard changes nothing about who waits, and may be much.
                self.settle(turn.conversation)
            return self._get(turn.id)

    def update(
        self,
        turn: str,
        raw: str | None,
        shown: str | None,
        state: TurnState | None,
        problem: str | None,
        message_ids: tuple[str, ...] | None,
        model: str | None,
        spent: Tally | None = None,
        asks: bool | None = None,
        cut: bool | None = None,
        persona: str | None = None,
    ) -> None:
        """Change what is given of a turn; one that is made pending again is this process's.

        What was `spent` on it is counted along with that, and not at all where the turn is gone.
        """
        values: dict[str, Value] = {
            "turn": turn,
            "raw": raw,
            "shown": shown,
            "state": state and state.value,
            "problem": problem,
            "message_ids": None if message_ids is None else text_of(message_ids),
            "model": model,
            "asks": asks,
            "cut": cut,
            "persona": persona,
            "me": self._owners.me,
        }
        with self._db.transaction():
            if state is TurnState.PENDING:
                self._refuse_second(self._get(turn).conversation, but=turn)
            if not self._db.change(UPDATE, values):
                raise turn_gone(turn)
            if spent is not None:
                self._usage.count(spent)
            if state is not None:
                self.settle(self._get(turn).conversation)

    def choose(self, turn: str) -> None:
        """Make a turn the chosen one among its siblings; what was chosen below comes back."""
        with self._db.transaction():
            found = self._get(turn)
            self._db.change(UNCHOOSE_SIBLINGS, values_of(found))
            self._mark(turn, chosen=True)
            if found.parent is None or self.in_history(self._get(found.parent)):
                below = {"turn": turn, "conversation": found.conversation}
                ((tip,),) = self._db.rows(LAST_CHOSEN_BELOW, below)
                self._point(found.conversation, tip)
                self.settle(found.conversation)

    def unchoose(self, turn: str) -> None:
        """Take a turn, and with it all that follows, out of the history."""
        with self._db.transaction():
            found = self._get(turn)
            if self.in_history(found):
                self._point(found.conversation, found.parent)
                self.settle(found.conversation)
            self._mark(turn, chosen=False)

    def in_history(self, turn: Turn) -> bool:
        """Tell whether a turn is part of the history; for use within a transaction."""
        values: Values = {
            "turn": turn.id,
            "conversation": turn.conversation,
            "depth": turn.depth,
        }
        return self._db.row(LEADS_TO_TIP, values) is not None

    def settle(self, conversation: str) -> None:
        """Note who goes on with a conversation; for use within a transaction."""
        self._db.change(SETTLE, {"conversation": conversation, "me": self._owners.me})

    def _get(self, turn: str, conversation: str | None = None) -> Turn:
        found = self.turn(turn)
        if found is None or conversation not in (None, found.conversation):
            raise turn_gone(turn)
        return found

    def _point(self, conversation: str, tip: str | None) -> None:
        values: Values = {"conversation": conversation, "tip": tip}
        self._db.change("UPDATE conversation SET tip = :tip WHERE id = :conversation", values)

    def _mark(self, turn: str, *, chosen: bool) -> None:
        values: Values = {"turn": turn, "chosen": chosen}
        self._db.change("UPDATE turn SET chosen = :chosen WHERE id = :turn", values)

    def _touch(self, turn: Turn) -> None:
        values: Values = {"conversation": turn.conversation, "created": turn.created}
        sql = "UPDATE conversation SET touched = max(touched, :created) WHERE id = :conversation"
        if not self._db.change(sql, values):
            raise conversation_gone(turn.conversation)

    def _refuse_second(self, conversation: str, but: str = "") -> None:
        owners = self._db.rows(PENDING, {"conversation": conversation, "turn": but})
        if any(self._owners.alive(owner) for (owner,) in owners):
            raise ConversationBusy(
                "An answer is already on its way in this conversation.",
                "Wait for it, or stop it.",
            )


def turn_gone(turn: str) -> TurnNotFound:
    """Word that a turn is not there."""
    return TurnNotFound(f"There is no turn {turn}.", "It may have been forgotten or expired.")


def conversation_gone(conversation: str) -> TurnNotFound:
    """Word that a conversation is not there."""
    return TurnNotFound(
        f"There is no conversation {conversation}.",
        "It was forgotten or has expired; ask for the place's current one.",
    )
