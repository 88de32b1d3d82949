"""Show how a deployment fares: workers, queues, speed, dead letters, and what is wrong.

On a terminal it goes on until Ctrl-C; looking changes nothing.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from madang.cli.profile import add_profile
from madang.errors import QueueUnreachable
from madang.joining import linked
from madang.settings import default_profile, load

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from madang.queue.redis.link import Link

EVERY_SECONDS = 1.0
WIDE = 200
"""The width where no terminal limits it; tables take what they need."""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add how to show it."""
    add_profile(parser)
    parser.add_argument("--once", action="store_true", help="show it once, also on a terminal")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Show it once, or over and over."""
    try:
        asyncio.run(_show(options))
    except KeyboardInterrupt:
        if not _lives(options):
            raise
    return 0


def _lives(options: argparse.Namespace) -> bool:
    return sys.stdout.isatty() and not options.once and not options.json


async def _show(options: argparse.Namespace) -> None:
    loaded = load(options.profile or default_profile(os.environ), os.environ)
    profile = loaded.path.stem
    async with linked(loaded.settings.queue, loaded.path) as link:
        if options.json:
            await _print_json(link, profile)
        elif _lives(options):
            await _live(link, profile)
        else:
            _console().print(await _screen(link, profile))


async def _print_json(link: "Link", profile: str) -> None:
    import msgspec

    from madang.fleet.overview import overview

    found = msgspec.json.encode(await overview(link, profile))
    print(msgspec.json.format(found, indent=2).decode())


async def _live(link: "Link", profile: str) -> None:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    shown, at = await _screen(link, profile), time.monotonic()
    with Live(shown, console=_console(), auto_refresh=False) as live:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                shown, at = await _screen(link, profile), time.monotonic()
                live.update(shown, refresh=True)
            except QueueUnreachable as error:
                age = f"! {time.monotonic() - at:.0f} s old: {error.message}"
                live.update(Group(Text(age, style="bold red"), shown), refresh=True)


async def _screen(link: "Link", profile: str) -> "RenderableType":
    from madang.fleet.overview import overview
    from madang.fleet.screen import screen

    return screen(await overview(link, profile))


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
