"""A model that tells stories in real time, and writes down when each was told."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import NamedTuple

from madang.bench.bots.story import asked_for
from madang.contract import Model, Output, Request
from madang.testing.echo import EchoBackend, last_question

NOTES = "MADANG_BENCH_NOTES"
"""The variable that names the file of the notes."""
SLOTS = 256


class Told(NamedTuple):
    """Say when a story began and ended to be taken from the model, in seconds since the epoch."""

    begun: float
    ended: float


class Narrator(EchoBackend):
    """Tell the story that is asked for; a reader who is slow holds it up."""

    def __init__(self, name: str = "narrator", model: Model | None = None) -> None:
        super().__init__(name, model, slots=SLOTS)

    @property
    def context(self) -> int:
        """Never cut a history."""
        return 1 << 20

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Give each piece at its time."""
        story = asked_for(last_question(request.prompt))
        pieces = story.pieces if story else ["…"]
        pause = story.milliseconds / 1000 / len(pieces) if story else 0.0
        begun, start = time.time(), time.monotonic()
        for number, piece in enumerate(pieces, 1):
            await asyncio.sleep(max(0.0, start + number * pause - time.monotonic()))
            yield Output(text=piece, output_tokens=number)
        if story:
            _note(f"{story.number} {begun} {time.time()}")
        yield Output(reason="stop", output_tokens=len(pieces))


def read_notes(path: Path) -> dict[int, Told]:
    """Read when each story was told, by its number."""
    found = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        number, begun, ended = line.split()
        found[int(number)] = Told(float(begun), float(ended))
    return found


def _note(line: str) -> None:
    with Path(os.environ[NOTES]).open("a", encoding="utf-8") as notes:
        notes.write(f"{line}\n")
