"""Talk with the personas in this terminal.

When input is not a terminal, every line is a question (or a /command), the answers are printed
as `persona: answer`, and nothing is kept unless --conversation names where. With no input at all
it walks the sample questions of every persona.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TextIO

from madang.cli.profile import add_profile_options, early_setup
from madang.contract import Bot
from madang.operating import logged
from madang.setup import Setup
from madang.yard import open_yard


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the shared options and the terminal bot's own."""
    add_profile_options(parser)
    setup = early_setup(given)
    bot = _terminal(setup)
    bot.arguments(parser)
    parser.set_defaults(setup=setup, bot=bot)


def run(options: argparse.Namespace) -> int:
    """Open the yard and let the terminal bot serve."""
    for complaint in options.setup.complaints:
        print(f"madang: {complaint}", file=sys.stderr)
    with logged(options.setup, screen=False):
        return asyncio.run(_serve(options.setup, options.bot, options))


async def _serve(setup: Setup, bot: Bot, options: argparse.Namespace) -> int:
    keeps = options.conversation or all(map(_is_terminal, (sys.stdin, sys.stdout)))
    async with open_yard(setup, store="" if keeps else ":memory:") as yard:
        return await bot.run(yard, options)


def _is_terminal(stream: TextIO | None) -> bool:
    # A stream that was closed before the start is None.
    return stream is not None and stream.isatty()


def _terminal(setup: Setup) -> Bot:
    return setup.plugins.bot("terminal")
