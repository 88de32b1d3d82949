"""A worker process that echoes and dies of poison: URL NAMESPACE LEASE NAME SECONDS LOG.

SECONDS is how long a character takes. LOG gets a line for every answer that begins: its question
and, after a tab, how many others run beside it.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from madang.contract import Output, Request
from madang.queue.redis import RedisQueue, Terms
from madang.testing import EchoBackend
from madang.testing.echo import last_question
from madang.worker import Pool, Worker

POISON = "독약입니다"


class Fragile(EchoBackend):
    """Echo slowly; the poison kills the process at its second character."""

    def __init__(self, seconds: float, log: Path) -> None:
        super().__init__(slots=8)
        self._seconds = seconds
        self._log = log
        self._running = 0

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Note who runs beside it, and echo."""
        question = last_question(request.prompt)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{question}\t{self._running}\n")
        self._running += 1
        try:
            async with contextlib.aclosing(super().generate(request)) as stream:
                async for output in stream:
                    if question == POISON and output.output_tokens == 2:
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield output
        finally:
            self._running -= 1

    async def tick(self, number: int) -> None:
        """Take some time."""
        await asyncio.sleep(self._seconds)


async def main() -> None:
    """Work until killed, or told to leave."""
    url, namespace, lease, name, seconds, log = sys.argv[1:]
    terms = Terms(namespace=namespace, lease=float(lease))
    queue = RedisQueue(url, terms=terms)
    pool = Pool({"echo": Fragile(float(seconds), Path(log))})
    worker = Worker(queue, pool, name=name, flush=0.01)
    leave = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave.set)
    print("ready", flush=True)
    running = asyncio.create_task(worker.run())
    await leave.wait()
    await worker.drain()
    await running
    await queue.close()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
