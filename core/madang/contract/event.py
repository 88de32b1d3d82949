"""What travels from a worker back to the bot."""

from typing import Literal

import msgspec

FinishReason = Literal["stop", "length", "cancelled", "error"]
Phase = Literal["queued", "loading", "generating"]


class Usage(msgspec.Struct, frozen=True):
    """Count tokens: `prompt` as sent, `cached` of those reused, `output` as generated."""

    prompt: int = 0
    output: int = 0
    cached: int = 0


class Problem(msgspec.Struct, frozen=True):
    """Carry an error across processes: `code` is the error class's, `hint` the next step."""

    code: str
    message: str
    hint: str = ""


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="piece"):
    """Append `text` at `offset` characters of the raw answer; pieces never take anything back."""

    request: str
    offset: int
    text: str
    attempt: int = 1


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """Tell what a request is waiting for.

    `position` counts from 1 while queued, `eta` is in seconds, `done` runs from 0 to 1.
    """

    request: str
    phase: Phase
    position: int = 0
    eta: float | None = None
    done: float | None = None
    attempt: int = 1


class End(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """Close a request with the whole raw text, also when pieces were lost on the way."""

    request: str
    text: str
    reason: FinishReason
    usage: Usage = Usage()
    problem: Problem | None = None
    attempt: int = 1


Event = Piece | Progress | End
