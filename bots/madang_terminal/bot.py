"""The terminal as a bot: what it is told by options, and which of its two ways it takes."""

import argparse
import getpass
import os
import sys
from typing import IO, TYPE_CHECKING

from madang.contract import Author, Place

if TYPE_CHECKING:
    from madang.yard import Yard

NOBODY = "나"


class TerminalBot:
    """Let one person talk at a terminal; without one, answer what comes through a pipe."""

    name = "terminal"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add who to talk with, in which conversation, and as whom."""
        group = parser.add_argument_group("conversation")
        group.add_argument("--persona", default="", metavar="NAME[:MODE]", help="who answers")
        group.add_argument(
            "--conversation",
            type=_conversation_name,
            metavar="NAME",
            help="which conversation to go on with (default: main)",
        )
        group.add_argument("--name", default="", help="what you are called (default: your login)")
        group.add_argument("--new", action="store_true", help="begin the conversation anew")

    async def run(self, yard: "Yard", options: argparse.Namespace) -> int:
        """Chat until the person leaves or the input ends."""
        name = options.conversation or ("main" if at_terminal() else "pipe")
        place, author = Place(f"{self.name}/{name}"), author_called(options.name)
        if options.new:
            await yard.conversations.reset(place)
        if options.persona:
            await yard.conversations.use(place, options.persona)
        # Each way brings its own libraries; neither should cost the other anything. A dumb terminal
        # cannot place a cursor, and is talked to line by line.
        if at_terminal() and os.environ.get("TERM") != "dumb":
            from madang_terminal.interactive import Interactive

            return await Interactive(yard, place, author).run()
        from madang_terminal.piped import Piped

        return await Piped(yard, place, author).run(options.persona)


def at_terminal() -> bool:
    """Say whether a person sits at both ends."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def author_called(name: str) -> Author:
    """Return who is talking: known by the login, called `name`."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container may run as a user that has no name.
        login = NOBODY
    return Author(id=f"terminal:{login}", name=name.strip() or login)


def _is_terminal(stream: IO[str] | None) -> bool:
    # A stream that was closed before the start is None.
    return stream is not None and stream.isatty()


def _conversation_name(text: str) -> str:
    name = text.strip()
    if not name or "/" in name or not name.isprintable():
        raise argparse.ArgumentTypeError("a name is one printable word without '/'")
    return name
