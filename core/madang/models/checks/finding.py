"""One line of a verification."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """Say what was looked at and what was found; `hint` says what to do when it is not right."""

    state: Literal["ok", "warning", "failure"]
    what: str
    found: str
    hint: str = ""


def compared(what: str, expected: object, found: object, *, guess: bool, hint: str) -> Finding:
    """Compare what is known with what the files say; a mere guess that is wrong only warns."""
    if expected == found:
        return Finding("ok", what, str(found))
    words = f"{found!r}, expected {expected!r}"
    if guess:
        return Finding("warning", what, f"{words} (a guess: the files are probably right)")
    return Finding("failure", what, words, hint)
