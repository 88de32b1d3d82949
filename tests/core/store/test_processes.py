"""Several processes on one file: writing at once, killed in the middle, taken over."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from madang.contract import Place, TurnState
from madang.errors import ConversationBusy
from madang.store import SqliteStore

if TYPE_CHECKING:
    from tests.core.store.conftest import TalkIn

YARD = Place("terminal/yard")
PENDING = TurnState.PENDING

CHILD = """
import asyncio, sys
from madang.contract import Author, Place, Turn, TurnState
from madang.store import SqliteStore

async def main(path, name, task):
    store = await SqliteStore.open(path)
    conversation = await store.conversation(Place("terminal/yard"))
    print("ready", flush=True)
    sys.stdin.readline()
    parent = None
    for number in range(10**9 if task == "forever" else int(task)):
        turn = Turn(
            id=f"{name}-{number}", parent=parent, conversation=conversation.id, role="user",
            author=Author("terminal:" + name, name), created=float(number), raw=str(number) * 99,
        )
        parent = (await store.add(turn)).id
        print(parent, flush=True)
    if task == "1":
        await store.add(Turn(
            id="answer", parent=parent, conversation=conversation.id, role="persona",
            author=Author("persona:p", "p"), created=1.0, state=TurnState.PENDING,
        ))
        await store.update("answer", raw="half")
        print("answering", flush=True)
        sys.stdin.readline()
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


class Child:
    """Be another process with the store open, which writes when told to go."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()

    async def rest(self) -> list[str]:
        # A line cut by the kill was not read by anybody in time to count on.
        assert self.process.stdout is not None
        return (await self.process.stdout.read()).decode().split("\n")[:-1]

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def child(file: Path, name: str, task: str) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(file), name, task),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        made = Child(process)
        assert await made.line() == "ready"
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def owners(file: Path) -> int:
    """Count the lock files of owners, dead ones included."""
    return len(list(file.with_name("store.db.owners").glob("*.lock")))


async def test_two_processes_write_at_once(file: Path) -> None:
    async with child(file, "left", "100") as left, child(file, "right", "100") as right:
        left.go()
        right.go()
        said = await asyncio.gather(left.rest(), right.rest())
        assert [await each.process.wait() for each in (left, right)] == [0, 0]
    store = await SqliteStore.open(file)
    tree = await store.tree((await store.conversation(YARD)).id)
    assert {turn.id for turn in tree} == {turn for lines in said for turn in lines}
    assert len(tree) == 200
    await store.close()


async def test_what_was_written_survives_a_kill(file: Path) -> None:
    async with child(file, "writer", "forever") as writer:
        writer.go()
        said = [await writer.line() for _ in range(50)]
        await writer.kill()
        said += await writer.rest()
    store = await SqliteStore.open(file)
    conversation = await store.conversation(YARD)
    kept = [turn.id for turn in await store.tree(conversation.id)]
    # The last one may have been written without anybody having been told.
    assert kept[: len(said)] == said
    assert len(kept) <= len(said) + 2
    assert [turn.id for turn in await store.history(conversation.id, 10**6)] == kept
    await store.close()


async def test_the_survivor_takes_over_what_the_dead_left(file: Path, talk_in: "TalkIn") -> None:
    store = await SqliteStore.open(file)
    other = await SqliteStore.open(file)
    talk = await talk_in(store)
    async with child(file, "victim", "1") as victim:
        victim.go()
        assert [await victim.line() for _ in range(2)] == ["victim-0", "answering"]
        (question,) = await store.variants("victim-0")
        assert await store.adopt("terminal") == []
        with pytest.raises(ConversationBusy):
            await talk.answer("", question, PENDING)
        await victim.kill()
    assert await store.adopt("discord") == []
    taken = await asyncio.gather(store.adopt("terminal"), other.adopt("terminal", YARD))
    assert sorted(map(len, taken)) == [0, 1]
    assert await store.adopt("terminal") == await other.adopt("terminal") == []
    assert await talk.texts() == [question.raw, "half"]
    with pytest.raises(ConversationBusy):
        await talk.answer("", question, PENDING)
    await store.update("answer", state=TurnState.COMPLETE)
    assert owners(file) == 2
    await store.close()
    assert await other.adopt("terminal") == []
    await other.close()
    assert owners(file) == 0


async def test_a_question_nobody_answered_is_left_to_the_next(
    file: Path, talk_in: "TalkIn"
) -> None:
    first = await SqliteStore.open(file)
    question = await (await talk_in(first)).say("질문")
    second = await SqliteStore.open(file)
    assert await second.adopt("terminal") == []
    await first.close()
    (taken,) = await second.adopt("terminal", YARD)
    assert taken.id == question.conversation
    await (await talk_in(second)).answer("답", question)
    await second.close()
    third = await SqliteStore.open(file)
    assert await third.adopt("terminal") == []
    await third.close()


async def test_an_answer_out_of_the_history_is_stopped(file: Path, talk_in: "TalkIn") -> None:
    first = await SqliteStore.open(file)
    talk = await talk_in(first)
    question = await talk.say("질문")
    kept = await talk.answer("하나", question)
    left = await talk.answer("반쯤", question, PENDING)
    await first.choose(kept.id)
    await first.close()
    second = await SqliteStore.open(file)
    assert await second.adopt("terminal") == []
    stopped = await second.turn(left.id)
    assert stopped is not None
    assert (stopped.raw, stopped.state) == ("반쯤", TurnState.STOPPED)
    await second.close()


async def test_what_was_typed_meanwhile_does_not_hide_the_answer(
    file: Path, talk_in: "TalkIn"
) -> None:
    first = await SqliteStore.open(file)
    talk = await talk_in(first)
    answer = await talk.answer("반쯤", await talk.say("질문"), PENDING)
    await talk.say("그리고", answer)
    second = await SqliteStore.open(file)
    await (await talk_in(second)).say("또", (await second.history(answer.conversation, 1))[0])
    assert await second.adopt("terminal") == []
    await first.close()
    assert [left.id for left in await second.adopt("terminal")] == [answer.conversation]
    assert (await second.history(answer.conversation))[1].state is PENDING
    await second.close()
    third = await SqliteStore.open(file)
    assert [left.id for left in await third.adopt("terminal")] == [answer.conversation]
    await third.close()


async def test_a_conversation_put_aside_needs_no_answer(file: Path, talk_in: "TalkIn") -> None:
    first = await SqliteStore.open(file)
    talk = await talk_in(first)
    question = await talk.say("질문")
    answer = await talk.answer("", question, PENDING)
    await first.reset(YARD)
    await first.close()
    second = await SqliteStore.open(file)
    assert await second.adopt("terminal") == []
    assert [turn.state for turn in await second.variants(answer.id)] == [TurnState.STOPPED]
    await second.close()


async def test_an_opening_that_is_cancelled_leaves_nobody_behind(file: Path) -> None:
    opening = asyncio.ensure_future(SqliteStore.open(file))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    store = await SqliteStore.open(file)
    await store.close()
