"""Run a bot: people talk with the personas on its platform.

Without a name it lists the bots. It serves until SIGTERM or Ctrl-C; answers that are on their way
then keep the text that they have.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

from madang.bot_check import Checkable, examine_bot
from madang.cli.profile import add_profile_options, early_setup
from madang.contract import Bot
from madang.operating import logged, monitored
from madang.setup import Setup
from madang.yard import open_yard

_log = logging.getLogger(__name__)

MARKS = {"ok": "ok    ", "warning": "warn  ", "failure": "FAIL  "}
INTERACTIVE = "terminal"
"""The bot that has a command of its own, `madang chat`."""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the name of the bot, and what the bot itself adds."""
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="which bot to run")
    add_profile_options(parser)
    setup = early_setup(given)
    bot = _named(setup, given)
    if bot is not None:
        bot.arguments(parser)
    if isinstance(bot, Checkable):
        parser.add_argument(
            "--check", action="store_true", help="look whether all is set up, and start nothing"
        )
    parser.set_defaults(setup=setup, bot=bot)


def run(options: argparse.Namespace) -> int:
    """List the bots, check one, or let it serve."""
    setup: Setup = options.setup
    if not options.name:
        return _list(setup)
    bot = setup.plugins.bot(options.name)
    if getattr(options, "check", False):
        return asyncio.run(_check(setup, bot))
    with logged(setup):
        for complaint in setup.complaints:
            _log.warning("%s", complaint)
        return asyncio.run(_serve(setup, bot, options))


async def _serve(setup: Setup, bot: Bot, options: argparse.Namespace) -> int:
    async with monitored(setup) as monitor, open_yard(setup, monitor=monitor) as yard:
        return await bot.run(yard, options)


async def _check(setup: Setup, bot: Bot) -> int:
    failed = False
    async for each in examine_bot(setup, bot):
        failed = failed or each.state == "failure"
        print(f"{MARKS[each.state]}{each.what:<12} {each.found}")
        if each.hint:
            print(f"{'':<19}{each.hint}")
    return 1 if failed else 0


def _list(setup: Setup) -> int:
    for name in setup.plugins.bots:
        command = "madang chat" if name == INTERACTIVE else f"madang bot {name}"
        print(f"{name:<12}{command}")
    if set(setup.plugins.bots) <= {INTERACTIVE}:
        print("No other bot is installed.", file=sys.stderr)
    return 0


def _named(setup: Setup, given: Sequence[str]) -> Bot | None:
    """Find the bot in what was typed, since its options are not known before it is found."""
    found = next((word for word in given if word in setup.plugins.bots), "")
    return setup.plugins.bots.get(found)
