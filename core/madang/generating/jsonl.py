"""What a job made, as a file: one JSON object a line, each with all that it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import msgspec

from madang.contract import Problem
from madang.generating.sampler import Pair


@dataclass(frozen=True, kw_only=True)
class Generated:
    """Hold the pairs of a document in its order, and how they came about.

    Of `total` samples `done` were made; `dropped` of them came to nothing and `repeated` asked what
    was asked already. `problem` is what ended the job early, or why nothing was kept.
    """

    document: str
    passages: int
    pairs: Sequence[Pair]
    total: int
    done: int
    dropped: int = 0
    repeated: int = 0
    cancelled: bool = False
    problem: Problem | None = None

    @property
    def name(self) -> str:
        """Return the name of the file to make, such as `book.jsonl`."""
        return f"{PurePath(self.document).stem}.jsonl"

    @property
    def jsonl(self) -> bytes:
        """Return the file in UTF-8; empty where nothing was kept."""
        return b"".join(_line(self.document, pair) for pair in self.pairs)


def _line(document: str, pair: Pair) -> bytes:
    passage = pair.passage
    source: dict[str, str | int] = {"file": document}
    if passage.page:
        source["page"] = passage.page
    if passage.heading:
        source["heading"] = passage.heading
    source["offset"] = passage.offset
    row = {
        "question": pair.question,
        "answer": pair.answer,
        "passage": passage.text,
        "source": source,
        "persona": pair.persona,
        "model": pair.model,
    }
    return msgspec.json.encode(row) + b"\n"
