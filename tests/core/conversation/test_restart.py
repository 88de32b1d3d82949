"""A process killed in the middle of an answer: nothing finished is lost, the rest is answered."""

import signal
import subprocess
import sys
from pathlib import Path

from madang.contract import TurnState
from madang.testing.chat import open_chat

KILLED = """
import asyncio, sys
from pathlib import Path
from madang.testing import HeldBackend
from madang.testing.chat import open_chat

async def main():
    backend = HeldBackend("echo", hold_after=3)
    profile, store = Path(sys.argv[1]), sys.argv[2]
    async with open_chat(profile, backend=backend, store=store) as chat:
        for question in ("하나", "둘"):
            print((await chat.ask(question)).text, flush=True)
        await chat.conversations.say(chat.place, chat.author, "셋 넷 다섯")
        await backend.held.wait()
        await chat.conversations.say(chat.place, chat.author, "여섯")
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def run_until_held(profile: Path, store: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(profile), str(store)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(3)]
        process.send_signal(signal.SIGKILL)
    assert said == ["하나", "둘", "held"]


async def test_kill_in_the_middle_of_an_answer(profile: Path, tmp_path: Path) -> None:
    store = tmp_path / "talk.db"
    run_until_held(profile, store)
    async with open_chat(profile, store=str(store)) as chat:
        await chat.conversations.settled()
        # The pending answer was followed by another question: both are answered, in order.
        assert await chat.shown() == [
            "하나",
            "하나",
            "둘",
            "둘",
            "셋 넷 다섯",
            "셋 넷 다섯",
            "여섯",
            "여섯",
        ]
        assert (await chat.ask("일곱")).text == "일곱"
        history = await chat.conversations.history(chat.place)
        assert all(turn.state is not TurnState.PENDING for turn in history)
        assert chat.replies[0].resumed


async def test_a_living_process_keeps_its_answer(profile: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "talk.db")
    async with open_chat(profile, store=store) as first:
        await first.ask("하나")
        async with open_chat(profile, store=store) as second:
            assert second.replies == []
            assert (await second.ask("둘")).text == "둘"
        assert await first.shown() == ["하나", "하나", "둘", "둘"]
