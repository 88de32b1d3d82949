"""An answer that its people have not seen whole is shown by the next process."""

import signal
import subprocess
import sys
from pathlib import Path

from madang.contract import TurnState
from madang.conversation import Reply
from madang.testing.chat import Chat, open_chat

KILLED = """
import asyncio, sys
from pathlib import Path
from madang.testing import HeldBackend
from madang.testing.chat import SOMEWHERE, SOMEBODY, open_chat

async def main():
    profile, store, hold = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    backend = HeldBackend("echo", hold_after=hold)
    async with open_chat(profile, backend=backend, store=store) as chat:
        talk = chat.conversations

        async def show(reply):
            await talk.messages.shown_as(reply.turn.id, ["7", "8"])
            if hold:
                await backend.held.wait()
            else:
                await reply.final()
            print("held", flush=True)
            await asyncio.Event().wait()

        if not hold:
            backend.go.set()
        await talk.open("test", show)
        await talk.say(SOMEWHERE, SOMEBODY, "하나 둘")
        await asyncio.Event().wait()

asyncio.run(main())
"""


def killed(profile: Path, store: Path, hold: int) -> None:
    """Kill a process before it has shown an answer whole."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(profile), str(store), str(hold)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        process.send_signal(signal.SIGKILL)


async def shown_again(chat: Chat) -> list[Reply]:
    await chat.conversations.settled()
    return chat.replies


async def test_an_answer_that_had_ended_is_shown_in_its_messages(
    profile: Path, tmp_path: Path
) -> None:
    store = tmp_path / "talk.db"
    killed(profile, store, 0)
    async with open_chat(profile, store=str(store)) as chat:
        (reply,) = await shown_again(chat)
        assert reply.resumed
        assert reply.turn.message_ids == ("7", "8")
        assert (reply.latest.text, reply.latest.state) == ("하나 둘", TurnState.COMPLETE)
    async with open_chat(profile, store=str(store)) as chat:
        assert await shown_again(chat) == []


async def test_an_answer_on_its_way_goes_on_in_its_messages(profile: Path, tmp_path: Path) -> None:
    store = tmp_path / "talk.db"
    killed(profile, store, 2)
    async with open_chat(profile, store=str(store)) as chat:
        (reply,) = await shown_again(chat)
        assert reply.resumed
        assert reply.turn.message_ids == ("7", "8")
        assert (await reply.final()).text == "하나 둘"


async def test_what_a_living_process_shows_stays_its_own(profile: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "talk.db")
    async with open_chat(profile, store=store) as one:
        turn = (await one.conversations.say(one.place, one.author, "하나")).conversation
        async with open_chat(profile, store=store) as other:
            assert await shown_again(other) == []
        await one.conversations.settled()
        assert [each.turn.conversation for each in one.replies] == [turn]
