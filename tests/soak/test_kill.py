"""Kill the whole program again and again while it talks: nothing acknowledged may be lost."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from madang.contract import TurnState
from madang.testing import open_chat

ROUNDS = 40
PROFILE = """\
persona = "slang_friend"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
form = "general"
"""

TALK = """
import asyncio, sys
from pathlib import Path
from madang.testing import open_chat

async def main():
    profile, store, start = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    async with open_chat(profile, store=store) as chat:
        await chat.conversations.settled()
        chat.replies.clear()
        for number in range(start, start + 10_000):
            update = await chat.ask(f"질문 {number}")
            assert update.text == f"질문 {number}", update
            print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.soak
async def test_forty_kills_in_the_middle_of_a_talk(tmp_path: Path) -> None:
    profile, store = tmp_path / "soak.toml", tmp_path / "soak.db"
    profile.write_text(PROFILE, "utf-8")
    randomness = random.Random(1)
    acknowledged = -1
    for _ in range(ROUNDS):
        acknowledged = _talk_until_killed(profile, store, acknowledged + 1, randomness)
    async with open_chat(profile, store=str(store)) as chat:
        await chat.conversations.settled()
        turns = await chat.conversations.tree(chat.place)
    said = {turn.raw for turn in turns if turn.role == "user"}
    answered = {turn.shown for turn in turns if turn.role == "persona"}
    wanted = {f"질문 {number}" for number in range(acknowledged + 1)}
    assert wanted <= said
    assert wanted <= answered
    assert all(turn.state is not TurnState.PENDING for turn in turns)


def _talk_until_killed(profile: Path, store: Path, start: int, randomness: random.Random) -> int:
    """Let a process talk for a few answers, kill it, and return the last one it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", TALK, str(profile), str(store), str(start)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(randomness.randint(1, 12))]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
    assert all(lines), "the talk ended by itself"
    return int(lines[-1])
