"""The `madang` command: each subcommand is a module of its own, imported when it is called."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from madang import __version__
from madang.errors import MadangError, nearest

COMMANDS = {
    "chat": "talk with the personas in this terminal",
    "bot": "run a bot, such as the one for Discord",
    "generate": "make questions and answers out of a document",
    "worker": "answer what bots in other processes are asked",
    "status": "show how the workers and queues of a deployment fare",
    "dead": "list, show, retry and drop requests that nobody could answer",
    "usage": "show how much was asked, by day, place, person, persona or model",
    "personas": "list the personas, their models and forms",
    "models": "list, fetch, verify, plan and remove the models of a profile",
    "plugins": "list the plugins and how each of them fared",
    "doctor": "check this machine and the profile, and say what to do",
    "config": "show the settings in force and where each comes from",
    "demo": "evaluate or train the bundled demo model",
    "bench": "measure madang against named peers",
}

EXAMPLES = """\
examples:
  madang chat                                   five personas on the bundled demo model
  madang chat --persona finance_advisor         begin with one of them
  echo '금리가 오르면?' | madang chat             one question, one answer
  madang chat --profile ./my.toml               with your own profile
  madang bot discord --check                    is the bot set up? then without --check
  madang COMMAND --help                         what a command takes

profiles: a name (demo, small, seeds, vllm, fleet) or a path; MADANG_PROFILE sets the default, and
MADANG__SECTION__KEY=value overrides one setting.
"""


class Command(Protocol):
    """Be a subcommand's module."""

    __doc__: str | None

    def arguments(self, parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
        """Add the command's options; `given` is what was typed, for options that depend on it."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit status."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; a user's mistake ends in a message and status 2, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except MadangError as error:
        print(f"madang: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads the output has gone; closing quietly keeps the interpreter from complaining.
        sys.stderr.close()
        return 141


def _dispatch(arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if name in ("", "-h", "--help", "--version"):
        _top_parser().parse_args(arguments or ["--help"])
        return 0
    if name not in COMMANDS:
        raise MadangError(f"There is no command '{name}'.", nearest(name, COMMANDS))
    command: Command = import_module(f"madang.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"madang {name}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser, arguments[1:])
    return command.run(parser.parse_args(arguments[1:]))


def _top_parser() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<10}{what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="madang",
        usage="madang COMMAND [options]",
        description=f"마당: a yard where people and personas talk.\n\ncommands:\n{listing}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"madang {__version__}")
    return parser
