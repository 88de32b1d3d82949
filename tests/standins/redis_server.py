"""Real servers for tests: those of madang's own kit, and sentinels that watch them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from madang.testing.redis_server import (
    PATIENCE,
    WHERE_FROM,
    Server,
    find_server,
    free_port,
    launch,
    listens,
    running,
)

__all__ = [
    "PATIENCE",
    "WHERE_FROM",
    "Server",
    "find_server",
    "free_port",
    "launch",
    "listens",
    "running",
    "sentinel",
]


@contextmanager
def sentinel(binary: str, config: Path, port: int) -> Iterator[None]:
    """Run a sentinel until the end of the block."""
    process = launch([binary, str(config), "--sentinel"], port, config.with_suffix(".log"))
    try:
        yield
    finally:
        process.kill()
        process.wait(PATIENCE)
