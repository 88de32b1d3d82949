"""The processes that are measured: a bot, and its worker where the queue is a server."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from madang.bench.bots.narrator import NOTES
from madang.errors import MadangError

CHILD = "madang.bench.bots.child"
PATIENCE = 15.0  # seconds to stop in


class BotFailed(MadangError):
    """Report that a process of the bench did not do its work."""


@dataclass(kw_only=True)
class Size:
    """Hold how large a process was; filled in when it ended."""

    peak_mb: float | None = None
    heavy: tuple[str, ...] = ()


@contextlib.asynccontextmanager
async def process(
    profile: Path, command: Sequence[str], *, discord: str = "", token: str = ""
) -> AsyncIterator[Size]:
    """Run a command of madang until the end of the block; raises `BotFailed` if it failed.

    It ends with this process, and its size is known after the block.
    """
    folder = profile.parent
    report, log = (folder / f"{command[0]}.{ending}" for ending in ("json", "log"))
    words = (sys.executable, "-W", "ignore", "-m", CHILD, str(report), discord, *command)
    with log.open("ab") as errors:
        running = await asyncio.create_subprocess_exec(
            *words,
            "--profile",
            str(profile),
            env=_environment(folder, token),
            stdin=asyncio.subprocess.PIPE,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    size = Size()
    try:
        yield size
    finally:
        await _end(running)
    if running.returncode or not report.exists():
        raise BotFailed(
            f"`madang {' '.join(command)}` ended with {running.returncode}.",
            "It said: " + log.read_text("utf-8", "replace")[-2000:],
        )
    found = json.loads(report.read_text("utf-8"))
    size.peak_mb = round(found["peak_bytes"] / 1e6, 1) if found["peak_bytes"] else None
    size.heavy = tuple(found["heavy"])


@contextlib.asynccontextmanager
async def at_work(
    profile: Path, bot: str, *, discord: str = "", token: str, redis: bool = False
) -> AsyncIterator[Size]:
    """Run a bot until the end of the block, with a worker where it needs one."""
    async with contextlib.AsyncExitStack() as stack:
        if redis:
            await stack.enter_async_context(process(profile, ("worker",)))
        yield await stack.enter_async_context(
            process(profile, ("bot", bot), discord=discord, token=token)
        )


async def _end(running: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        running.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(running.wait(), PATIENCE)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
        if not isinstance(error, TimeoutError):
            raise


def _environment(folder: Path, token: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MADANG")}
    return {
        **kept,
        NOTES: str(folder / "notes"),
        "MADANG_HOME": str(folder / "home"),
        "PYTHONUTF8": "1",
        "PTB_TIMEDELTA": "true",
        "DISCORD_TOKEN": token,
        "TELEGRAM_TOKEN": token,
    }
