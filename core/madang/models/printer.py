"""Progress of a download, for people who watch it."""

import time
from typing import TextIO

from madang.contract import Model
from madang.inference.memory import GIB
from madang.models.part import Part
from madang.models.pull import Pulled

EVERY = 0.2  # seconds between two lines of progress on a terminal


class Printer:
    """Show progress: one line that is written over on a terminal, a line each tenth elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._next = 0.0
        self._told: tuple[Part | None, int] = (None, 0)

    def tell(self, part: Part, count: int, total: int) -> None:
        """Show how much of a part has arrived."""
        share = min(100, 100 * count // max(total, 1))
        line = f"{part}: {size(count)} of {size(total)}, {share}%"
        now = time.monotonic()
        if self._live and now >= self._next:
            self._next = now + EVERY
            self._write(f"\r\x1b[K{line}")
        elif not self._live and (told := (part, share // 10)) != self._told:
            self._told = told
            self._write(f"{line}\n")

    def done(self, pulled: Pulled) -> None:
        """Say that a part is here."""
        self.clear()
        how = f"fetched {size(pulled.bytes)}" if pulled.bytes else "was here"
        commit = pulled.folder.name if pulled.part.kind == "hub" else ""
        at = f" at commit {commit}" if commit else f" in {pulled.folder}"
        print(f"{pulled.part}: {how}, {pulled.part.source}{at}")

    def conditions(self, name: str, model: Model, *, accepted: bool) -> None:
        """Tell the licence of a model that is here now, and what it waits for."""
        print(f"licence of '{name}': {model.licence or 'not stated in the profile'}")
        if model.restriction and not accepted:
            print(f"  it restricts the use: {model.restriction.rstrip('.')}.")
            print(f"  '{name}' is served once `accept_licences` of the profile names it.")

    def clear(self) -> None:
        """Take the line of progress away."""
        if self._live:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def size(count: int) -> str:
    """Word a number of bytes."""
    if count >= GIB:
        return f"{count / GIB:.1f} GiB"
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 1024:.1f} KiB"
