"""A terminal to run the chat in: a real pseudo-terminal, and a window that a test can read."""

import asyncio
import contextlib
import fcntl
import io
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PATIENCE_SECONDS = 30.0
ROWS, COLUMNS = 30, 80
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])|\r")


def plain(text: str) -> str:
    """Take the escape codes out of what a terminal was sent."""
    return _ESCAPES.sub("", text)


@dataclass
class Console:
    """Type into a program and wait for what it shows."""

    terminal: int
    process: "subprocess.Popen[bytes]"
    output: bytes = b""
    read_to: int = 0

    def types(self, text: str) -> None:
        """Send keys; `\\r` is Enter, `\\x03` Ctrl-C, `\\x04` Ctrl-D."""
        os.write(self.terminal, text.encode())

    def shows(self, words: str) -> str:
        """Wait until words are shown after the last ones waited for; return what came between."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in (shown := self.shown[self.read_to :]):
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"'{words}' never came; this did:\n{shown}")
        before = shown.index(words)
        self.read_to += before + len(words)
        return shown[:before]

    def ends(self) -> int:
        """Wait until the program ends and return its status."""
        while self._read(PATIENCE_SECONDS):
            continue
        return self.process.wait(PATIENCE_SECONDS)

    @property
    def shown(self) -> str:
        """Return everything shown so far, without escape codes."""
        return plain(self.output.decode("utf-8", "ignore"))

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], max(seconds, 0))
        try:
            piece = os.read(self.terminal, 65536) if ready else b""
        except OSError:
            # Linux says so when the other side is closed.
            piece = b""
        self.output += piece
        return bool(piece)


@contextlib.contextmanager
def console(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[Console]:
    """Run a command in a pseudo-terminal of its own."""
    terminal, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, env=dict(environ), start_new_session=True
    )
    os.close(other)
    try:
        yield Console(terminal, process)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


@dataclass(eq=False)
class Window(io.StringIO):
    """Take what is written to a terminal, and wake who waits for it."""

    text: str = ""
    read_to: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, text: str) -> int:
        self.text += text
        self.changed.set()
        return len(text)

    async def shows(self, words: str) -> None:
        """Wait until words are shown after the last ones waited for."""
        while words not in (shown := plain(self.text)[self.read_to :]):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), PATIENCE_SECONDS)
            except TimeoutError as error:
                raise AssertionError(f"'{words}' never came; this did:\n{shown}") from error
        self.read_to += shown.index(words) + len(words)
