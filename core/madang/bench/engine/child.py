"""The parent's end of a candidate: a process of its own, or this one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

import msgspec

from madang.bench.engine.messages import Job, Limit, Order, Reply
from madang.errors import MissingPackage, ModelError

LAST_WORDS = 10  # seconds for a process that closed its pipe to end


class Handle(Protocol):
    """Be a candidate that is loaded."""

    def ask(self, order: Order) -> Reply:
        """Send an order and wait for the reply."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


Open = Callable[[str, Job], Handle]


class Child:
    """Run a candidate in a process of its own, so that its memory and threads are its own."""

    def __init__(self, name: str, job: Job) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "madang.bench.engine.worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "OMP_NUM_THREADS": str(job.threads)},
        )
        try:
            self._exchange(job)
        except BaseException:
            self.close()
            raise

    def ask(self, order: Order) -> Reply:
        """Send an order and wait for the reply."""
        return self._exchange(order)

    def close(self) -> None:
        """End the process at once: it holds nothing that needs care."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _exchange(self, message: Job | Order) -> Reply:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the candidate has no pipes")
        try:
            stdin.write(msgspec.json.encode(message) + b"\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise ModelError(f"candidate '{self._name}' ended: {self._last_words()}")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.problem:
            kind = MissingPackage if reply.problem.missing else ModelError
            raise kind(reply.problem.message, reply.problem.hint)
        return reply

    def _last_words(self) -> str:
        self._process.wait(LAST_WORDS)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"status {self._process.returncode}"


class Here:
    """Run a candidate in this process, where starting one would take longer than measuring."""

    def __init__(self, name: str, job: Job) -> None:
        from madang.bench.engine.candidates import CANDIDATES

        self._stack = ExitStack()
        self._answer = self._stack.enter_context(CANDIDATES[name].open(job))

    def ask(self, order: Order) -> Reply:
        """Do the order."""
        result = self._answer(order)
        return Reply(limit=result) if isinstance(result, Limit) else Reply(run=result)

    def close(self) -> None:
        """Free what it holds."""
        self._stack.close()
