"""What a worker tells, while it works, to those who look at its deployment."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from madang.errors import MadangError
from madang.joining import linked
from madang.setup import Setup
from madang.worker import Worker
from madang.worker.report import write_report

if TYPE_CHECKING:
    from madang.queue.redis.link import Link

_log = logging.getLogger(__name__)

REPORT_SECONDS = 2.0
LAST_REPORT_SECONDS = 1.0


@asynccontextmanager
async def reporting(worker: Worker, setup: Setup) -> AsyncIterator[None]:
    """Have a worker's report given every two seconds until the end of the block, and then.

    A report that cannot be given is logged, once until one is given again, and harms nobody.
    """
    async with linked(setup.settings.queue, setup.live.loaded.path) as link:
        task = asyncio.create_task(_keep_reporting(link, worker))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            # The last one tells a worker that left from one that fell silent.
            with contextlib.suppress(MadangError, TimeoutError):
                async with asyncio.timeout(LAST_REPORT_SECONDS):
                    await _report(link, worker)


async def _keep_reporting(link: "Link", worker: Worker) -> None:
    failed = False
    while True:
        try:
            await _report(link, worker)
            failed = False
        except MadangError as error:
            if not failed:
                _log.warning("What this worker does cannot be told to `madang status`: %s", error)
            failed = True
        await asyncio.sleep(REPORT_SECONDS)


async def _report(link: "Link", worker: Worker) -> None:
    from madang.queue.redis.survey import give_report

    await give_report(link, worker.name, write_report(worker.report()))
