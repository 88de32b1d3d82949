"""The parent's end of a process of the bench."""

import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from madang.bench.queue.candidates import OURS
from madang.bench.queue.messages import Job, Order, Reply, read, write
from madang.errors import MissingPackage, QueueError

# Another interpreter may lack what madang itself needs, and a peer needs nothing of that: its
# package is entered without its `__init__`.
BOOT = """\
import sys, types
package = types.ModuleType("madang")
package.__path__ = [sys.argv[1]]
sys.modules["madang"] = package
from madang.bench.queue.process import main
main(sys.argv[2])
"""
MADANG = Path(__file__).parents[2]
LAST_WORDS = 10  # seconds for a process that closed its pipe to end


class Child:
    """Run one side of a candidate in a process of its own until the end of the block."""

    def __init__(self, name: str, job: Job, python: str = "") -> None:
        self._name = name
        self._job = job
        self._python = python or sys.executable
        self.versions: dict[str, str] = {}

    def __enter__(self) -> "Child":
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        try:
            self._write(self._job)
            self.versions = dict(self.receive().versions)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def ask(self, order: Order) -> Reply:
        """Send an order and wait for the reply."""
        self.send(order)
        return self.receive()

    def send(self, order: Order) -> None:
        """Send an order."""
        self._write(order)

    def receive(self) -> Reply:
        """Wait for the reply."""
        stdout = self._process.stdout
        line = stdout.readline() if stdout else b""
        if not line:
            raise QueueError(f"{self._what} ended: {self._last_words()}")
        reply = read(line, Reply)
        if reply.missing:
            raise MissingPackage(f"{reply.missing} is not installed for {self._python}")
        if reply.problem:
            raise QueueError(f"{self._what} failed: {reply.problem}")
        return reply

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    @property
    def _what(self) -> str:
        return f"the {self._job.role} of candidate '{self._name}'"

    def _command(self) -> list[str]:
        if self._name == OURS:
            return [self._python, "-m", "madang.bench.queue.process", self._name]
        return [self._python, "-c", BOOT, str(MADANG), self._name]

    def _write(self, message: Job | Order) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the process has no pipes")
        try:
            self._process.stdin.write(write(message))
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # why it ended is told to who waits for the reply

    def _last_words(self) -> str:
        self._process.wait(LAST_WORDS)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"status {self._process.returncode}"
