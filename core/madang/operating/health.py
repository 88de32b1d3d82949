"""Whether a process is well, and whether it is ready for work."""

import asyncio
from collections.abc import Mapping

import msgspec

from madang.operating.page import Check, Page
from madang.worker import Worker

CHECK_SECONDS = 1.5


class Health:
    """Answer `/healthz` and `/readyz`; nothing is ready before `ready` was called."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = {**checks, "start": _starting}

    def ready(self, checks: Mapping[str, Check]) -> None:
        """Let these checks decide too; the start is over."""
        self._checks.pop("start", None)
        self._checks.update(checks)

    async def healthz(self) -> Page:
        """Say that this process answers, which is all there is to it."""
        return Page(200, msgspec.json.encode({"status": "ok"}))

    async def readyz(self) -> Page:
        """Say 200 when every check passes, else 503 and what is wrong, by check."""
        checks = dict(self._checks)
        found = await asyncio.gather(*map(why_not, checks.values()))
        problems = {name: why for name, why in zip(checks, found, strict=True) if why}
        if not problems:
            return Page(200, msgspec.json.encode({"status": "ready"}))
        body = {"status": "not ready", "problems": problems}
        return Page(503, msgspec.json.encode(body))


async def why_not(check: Check) -> str:
    """Ask a check, but not for ever."""
    asking = asyncio.ensure_future(check())
    try:
        # A client that connects may take no notice of being cancelled, so nobody waits for that.
        done, _ = await asyncio.wait({asking}, timeout=CHECK_SECONDS)
        return asking.result() if done else f"It did not answer within {CHECK_SECONDS:g} s."
    finally:
        asking.cancel()


def worker_check(worker: Worker) -> Check:
    """Make what finds out whether a worker takes requests."""

    async def check() -> str:
        return "It takes nothing more, and finishes what runs." if worker.report().draining else ""

    return check


async def _starting() -> str:
    return "It has not started yet."
