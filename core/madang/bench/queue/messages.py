"""What the parent and a process of the bench say to each other, one JSON line at a time."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Role = Literal["bot", "worker", "streamer"]
What = Literal["at_once", "one_by_one", "ping", "stream", "interrupt"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Tell a process what to be, and where; a `namespace` is new for every lap.

    `tuned` is whether to wait as briefly as the candidate can, or as it does by itself. Streamers
    answer in `pieces` and pause for so many seconds after each.
    """

    role: Role
    url: str
    namespace: str
    in_flight: int
    tuned: bool = True
    lease: float = 10.0
    pieces: int = 0
    pause: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Order:
    """Ask the bot's side to measure for some seconds."""

    what: What
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Say that a process is ready, what it measured, or what went wrong.

    `times` are the seconds of each round trip, `at` a moment of the clock that all processes
    share.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    at: float = 0.0
    problem: str = ""
    missing: str = ""


def write(message: Job | Order | Reply) -> bytes:
    """Encode one line."""
    return json.dumps(dataclasses.asdict(message)).encode() + b"\n"


def read(line: bytes, kind: type[T]) -> T:
    """Decode one line."""
    return kind(**json.loads(line))
