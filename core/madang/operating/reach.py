"""Whether the queue of a profile is there, asked over connections of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from madang.errors import MadangError
from madang.joining import linked
from madang.operating.page import Check
from madang.setup import Setup


@asynccontextmanager
async def reaching(setup: Setup) -> AsyncIterator[Check]:
    """Give what finds out whether the queue can be reached; one within this process always is."""
    if setup.settings.queue.kind != "redis":
        yield _here
        return
    async with linked(setup.settings.queue, setup.live.loaded.path) as link:

        async def check() -> str:
            try:
                await link.information()
            except MadangError as error:
                return error.message
            return ""

        yield check


async def _here() -> str:
    return ""
