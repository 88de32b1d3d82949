"""The store on SQLite: one file, several processes, one thread of our own."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, Self, TypeVar

from filelock import FileLock

from madang.contract import (
    Conversation,
    Found,
    OptionTable,
    Place,
    Removed,
    Tally,
    TallyKey,
    Turn,
    TurnState,
)
from madang.errors import StoreError
from madang.store.adoption import Adoption
from madang.store.conversations import Conversations
from madang.store.database import MEMORY, PATIENCE, Database, explained
from madang.store.expiry import Expiry
from madang.store.moving import Moving
from madang.store.notes import Notes
from madang.store.options import Options
from madang.store.owners import Owners
from madang.store.people import People
from madang.store.pruning import Pruning
from madang.store.schema import prepare
from madang.store.trees import Trees
from madang.store.usage import Usage

Answer = TypeVar("Answer")


class SqliteStore:
    """Keep conversations in a SQLite file, or in memory until closed.

    A call returns when its transaction is with the kernel: a killed process loses nothing that
    was answered, a power cut may lose the last moments but never damages the file. Every call
    runs on the store's own thread, so the event loop never waits for the disk; a cancelled call
    has happened whole or not at all.
    """

    def __init__(self, db: Database, owners: Owners, thread: ThreadPoolExecutor) -> None:
        self._db = db
        self._owners = owners
        self._thread = thread
        self._open = True
        self._trees = Trees(db, owners)
        self._conversations = Conversations(db, self._trees)
        self._adoption = Adoption(db, owners, self._trees)
        self._people = People(db)
        self._pruning = Pruning(db)
        self._expiry = Expiry(db)
        self._options = Options(db)
        self._notes = Notes(db)
        self._moving = Moving(db)
        self._usage = Usage(db)

    @classmethod
    async def open(cls, path: Path | str) -> Self:
        """Open a store, making or migrating the file where needed; `:memory:` keeps nothing.

        Raises `StoreCorrupt`, `StoreTooNew` or `StoreNotWritable`; the file is then as before.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="madang-store")
        opening = thread.submit(open_files, path)
        try:
            db, owners = await asyncio.wrap_future(opening)
        except BaseException:
            opening.add_done_callback(_discard)
            thread.shutdown(wait=False)
            raise
        return cls(db, owners, thread)

    async def close(self) -> None:
        """Write everything down and let go of the files; a second time does nothing."""
        if not self._open:
            return
        self._open = False
        try:
            await asyncio.wrap_future(self._thread.submit(close_files, self._db, self._owners))
        finally:
            self._thread.shutdown(wait=False)

    async def conversation(self, place: Place) -> Conversation:
        """Return the current conversation of a place, beginning one where there is none."""
        return await self._run(lambda: self._conversations.conversation(place))

    async def begun(self, place: Place) -> Conversation | None:
        """Return the current conversation of a place, or None where there is none."""
        return await self._run(lambda: self._conversations.begun(place))

    async def reset(self, place: Place, since: str = "") -> Conversation:
        """Begin a new conversation at a place; the old one stays until it expires."""
        return await self._run(lambda: self._conversations.reset(place, since))

    async def bind(self, conversation: str, persona: str) -> None:
        """Set who answers in a conversation."""
        await self._run(lambda: self._conversations.bind(conversation, persona))

    async def notice(self, conversation: str, name: str) -> bool:
        """Mark a notice as shown; True the first time."""
        return await self._run(lambda: self._conversations.notice(conversation, name))

    async def add(self, turn: Turn) -> Turn:
        """Append a turn as the chosen child of its parent and return it with its depth."""
        return await self._run(lambda: self._trees.add(turn))

    async def update(
        self,
        turn: str,
        *,
        raw: str | None = None,
        shown: str | None = None,
        state: TurnState | None = None,
        problem: str | None = None,
        message_ids: tuple[str, ...] | None = None,
        model: str | None = None,
        persona: str | None = None,
        asks: bool | None = None,
        cut: bool | None = None,
        spent: Tally | None = None,
    ) -> None:
        """Change what is given of a turn and leave the rest; count what was `spent` on it."""
        await self._run(
            lambda: self._trees.update(
                turn, raw, shown, state, problem, message_ids, model, spent, asks, cut, persona
            )
        )

    async def turn(self, turn: str) -> Turn | None:
        """Return one turn, or None when it is gone."""
        return await self._run(lambda: self._trees.turn(turn))

    async def locate(self, turn: str) -> Found | None:
        """Return one turn and where it was said, or None when it is gone."""
        return await self._run(lambda: self._trees.locate(turn))

    async def find(self, place: Place, message: str) -> Sequence[Found]:
        """Return the turns that a platform's message shows, at a place or below it."""
        return await self._run(lambda: self._trees.find(place, message))

    async def history(self, conversation: str, limit: int = 128) -> Sequence[Turn]:
        """Return the chosen turns, oldest first; of long ones the last `limit` to 2 x `limit`."""
        return await self._run(lambda: self._trees.history(conversation, limit))

    async def tree(self, conversation: str) -> Sequence[Turn]:
        """Return every turn, variants included, oldest first; for export."""
        return await self._run(lambda: self._trees.tree(conversation))

    async def variants(self, turn: str) -> Sequence[Turn]:
        """Return a turn and its siblings of the same role, oldest first."""
        return await self._run(lambda: self._trees.variants(turn))

    async def choose(self, turn: str) -> None:
        """Make a turn the chosen one among its siblings."""
        await self._run(lambda: self._trees.choose(turn))

    async def unchoose(self, turn: str) -> None:
        """Take a turn, and with it all that follows, out of the history."""
        await self._run(lambda: self._trees.unchoose(turn))

    async def remove(self, turns: Sequence[str]) -> Sequence[Turn]:
        """Delete turns of one conversation, and return them; what follows them moves up."""
        return await self._run(lambda: self._pruning.turns(turns))

    async def adopt(self, bot: str, place: Place | None = None) -> Sequence[Conversation]:
        """Take over what dead owners left unanswered, at a bot or at one place."""
        return await self._run(lambda: self._adoption.adopt(bot, place))

    async def unshown(self, bot: str, place: Place | None = None) -> Sequence[Found]:
        """Take over the ended answers that dead owners have not shown whole."""
        return await self._run(lambda: self._adoption.unshown(bot, place))

    async def shown(self, turn: str) -> None:
        """Note that people see an ended answer whole."""
        await self._run(lambda: self._adoption.shown(turn))

    async def places(self, bot: str) -> Sequence[Place]:
        """List the places of a bot that have a conversation, the last one talked at last."""
        return await self._run(lambda: self._conversations.places(bot))

    async def everything(self, author: str) -> Sequence[Turn]:
        """Return every turn that somebody wrote and the answers to it."""
        return await self._run(lambda: self._people.everything(author))

    async def usage(
        self,
        *by: TallyKey,
        day: str = "",
        since: str = "",
        author: str = "",
        place: str = "",
    ) -> Sequence[Tally]:
        """Sum what was asked, apart for every value of some keys."""
        return await self._run(lambda: self._usage.sums(day, since, author, place, by))

    async def count(self, spent: Tally) -> None:
        """Add to the counters what was asked outside of any conversation."""
        await self._run(lambda: self._usage.add(spent))

    async def options(self, since: int = -1) -> OptionTable | None:
        """Return all options, or None where nothing changed since a revision."""
        return await self._run(lambda: self._options.table(since))

    async def set_option(self, subject: str, key: str, value: str | None) -> None:
        """Set one option of a place or a person to JSON; None takes it back."""
        await self._run(lambda: self._options.set(subject, key, value))

    async def keep(self, bot: str, key: str, text: str, author: str = "") -> None:
        """Keep a note of a bot, in the place of one of the same key."""
        await self._run(lambda: self._notes.keep(bot, key, text, author))

    async def kept(self, bot: str, prefix: str = "") -> Mapping[str, str]:
        """Return the notes of a bot whose keys begin so, in the order in which they came."""
        return await self._run(lambda: self._notes.kept(bot, prefix))

    async def let_go(self, bot: str, key: str) -> None:
        """Delete a note; one that is not there is no matter."""
        await self._run(lambda: self._notes.let_go(bot, key))

    async def move(self, place: Place, new: Place) -> None:
        """Rename a place and all below it."""
        await self._run(lambda: self._moving.move(place, new))

    async def end(self, place: Place) -> Removed:
        """Delete all that was said and set at a place and below it; return how much."""
        return await self._run(lambda: self._expiry.end(place))

    async def forget(self, author: str) -> int:
        """Delete every turn of somebody, and the answers to them; return how many."""
        return await self._run(lambda: self._people.forget(author))

    async def expire(
        self, before: float, place: Place | None = None, but: Collection[Place] = ()
    ) -> int:
        """Delete conversations whose last turn is older than `before`; return how many."""
        return await self._run(lambda: self._expiry.expire(before, place, but))

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if not self._open:
            raise StoreError(f"The store {self._db.path} is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def open_files(name: Path | str) -> tuple[Database, Owners]:
    """Open, prepare and begin to own; only one process at a time gets through here."""
    if name == MEMORY:
        return _prepared(MEMORY, Owners(None))
    path = Path(name)
    folder = path.with_name(f"{path.name}.owners")
    with explained(path):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "opening", timeout=PATIENCE):
            return _prepared(path, Owners(folder))


def close_files(db: Database, owners: Owners) -> None:
    """Give up ownership, then the file."""
    owners.leave()
    db.close()


def _prepared(path: Path | Literal[":memory:"], owners: Owners) -> tuple[Database, Owners]:
    db = Database.at(path)
    try:
        prepare(db)
        with db.transaction():
            owners.enter()
    except BaseException:
        db.close()
        raise
    return db, owners


def _discard(opening: Future[tuple[Database, Owners]]) -> None:
    # Whoever was opening has been cancelled meanwhile.
    if not opening.cancelled() and opening.exception() is None:
        close_files(*opening.result())
