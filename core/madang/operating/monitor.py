"""What a process tells those who watch it, if the profile lets them ask."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from madang.errors import MadangError, MissingPackage
from madang.operating.page import Check
from madang.setup import Setup

if TYPE_CHECKING:
    from madang.contract import Request
    from madang.conversation import Deliver
    from madang.operating.metrics import Meters
    from madang.worker import Pool, Worker

_log = logging.getLogger(__name__)


class Monitor:
    """Hear how this process is doing; this one has nobody to tell."""

    def ready(self, **checks: Check) -> None:
        """Say that the start is over; from now on these checks, and the queue's, decide."""

    @property
    def follow(self) -> Deliver | None:
        """Return what follows the answers of the bots in this process, if anybody counts them."""
        return None

    def refused(self, bot: str, error: MadangError) -> None:
        """Hear that a bot had to refuse what somebody asked."""

    def served(self, request: Request, reason: str, seconds: float) -> None:
        """Hear of an answer that is over at the worker in this process."""

    def watch(self, worker: Worker, pool: Pool) -> None:
        """Ask the worker in this process for its report whenever somebody wants to know."""


@asynccontextmanager
async def monitored(setup: Setup) -> AsyncIterator[Monitor]:
    """Serve `/metrics`, `/healthz` and `/readyz` of this process where the profile says so.

    Raises `MissingPackage` without prometheus-client, and `SettingsError` for a wrong address or
    one that is taken.
    """
    listen = setup.settings.operations.listen
    if not listen:
        yield Monitor()
        return
    # Nobody else pays for the start of a server.
    from madang.operating.listening import Address
    from madang.operating.reach import reaching
    from madang.operating.server import serving

    address = Address.of(listen, setup.live.loaded.path)
    async with reaching(setup) as queue:
        meters = _meters(queue)
        async with serving(address, meters.pages) as url:
            _log.info("metrics and health are at %s", url)
            yield meters


def _meters(queue: Check) -> Meters:
    try:
        from madang.operating.metrics import Meters
    except ImportError as error:
        raise MissingPackage(
            f"operations.listen needs a package that is not there: {error.name}.",
            "Install it: pip install 'madang[metrics]'.",
        ) from error
    return Meters(queue)
