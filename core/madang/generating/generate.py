"""From a document to a file of questions and answers, in one call."""

import asyncio
from typing import TYPE_CHECKING

from madang.contract import Author, Place
from madang.errors import SettingsError
from madang.generating.asker import Asker
from madang.generating.job import Headway, Job, Watch
from madang.generating.jsonl import Generated
from madang.generating.passages import SIZE, cut
from madang.generating.reading import Document, read

if TYPE_CHECKING:
    from madang.yard import Yard

PERSONA = "qa_generator"
MOST_SAMPLES = 20
SIZES = range(100, 4001)


def _unwatched(headway: Headway) -> None:
    """Let a job go on where nobody wants to know how far it is."""


async def generate(
    yard: "Yard",
    document: Document,
    *,
    author: Author,
    place: Place,
    persona: str = PERSONA,
    samples: int = 2,
    size: int = SIZE,
    progress: Watch = _unwatched,
    cancel: asyncio.Event | None = None,
) -> Generated:
    """Have `persona`, `NAME` or `NAME:MODE`, make pairs out of a document.

    Each passage, of at most `size` characters, is asked about `samples` times as bulk work. What
    that costs is counted for the author at the place, and their limits hold. Setting `cancel` ends
    it with what is done, and so does a limit or whatever else comes up on the way. Raises a
    `MadangError` only for what is wrong before the first sample: the document, the persona, a limit
    that is used up.
    """
    _check("samples", samples, range(1, MOST_SAMPLES + 1))
    _check("size", size, SIZES)
    asker = Asker(yard=yard, author=author, place=place, persona=persona)
    await asker.bound()
    reading = await read(document)
    passages = await asyncio.to_thread(cut, reading, size)
    cancel = cancel or asyncio.Event()
    job = Job(asker=asker, passages=passages, samples=samples, cancel=cancel, watch=progress)
    await job.run()
    return Generated(
        document=document.name,
        passages=len(passages),
        pairs=job.pairs,
        total=job.total,
        done=job.done,
        dropped=job.dropped,
        repeated=job.repeated,
        cancelled=cancel.is_set(),
        problem=job.problem if job.failed or not job.pairs else None,
    )


def _check(name: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise SettingsError(
            f"{name}: {value} does not fit.", f"Give {allowed[0]} to {allowed[-1]:,}."
        )
