"""Lines from a pipe, read beside the event loop."""

import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator

BLOCK_BYTES = 65536


async def piped_lines() -> AsyncIterator[str]:
    """Yield the lines of stdin as they come; bytes that are no UTF-8 become U+FFFD."""
    if sys.stdin is None or sys.stdin.closed:
        return
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def put(line: str | None) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    # A daemon, since nothing can wake a read from a pipe that stays open when the chat is over.
    threading.Thread(target=_read, args=(sys.stdin.fileno(), put), daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _read(descriptor: int, put: Callable[[str | None], None]) -> None:
    try:
        for line in _lines(descriptor):
            put(line)
        put(None)
    except RuntimeError:
        # The loop has gone: nobody listens any more.
        return


def _lines(descriptor: int) -> Iterator[str]:
    """Split what a descriptor gives into lines; not through sys.stdin, whose lock blocks exit."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest, block = "", b"?"
    while block:
        block = _block(descriptor)
        *whole, rest = (rest + decoder.decode(block, final=not block)).split("\n")
        yield from whole
    if rest:
        yield rest


def _block(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, BLOCK_BYTES)
    except OSError:
        return b""
