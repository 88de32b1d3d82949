"""List, show, retry and drop the requests that nobody could answer.

A request becomes a dead letter when every worker that took it was lost, or none could read it; the
person has been told. Letters are kept for a week, the newest thousand of them.
"""

import argparse
import asyncio
import difflib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from madang.cli.profile import add_profile
from madang.errors import MadangError
from madang.joining import linked
from madang.settings import default_profile, load

if TYPE_CHECKING:
    from madang.queue.redis.dead import DeadLetters, Letter

EXAMPLES = """\
examples:
  madang dead list                    what there is, the oldest first
  madang dead show ID                 who asked whom for what, and why it was given up
  madang dead show ID --raw > body    the request as it was queued
  madang dead retry ID                put it back; what its workers were lost with runs alone
  madang dead drop --all --yes        forget all of them

`show` prints what people wrote: mind who looks over your shoulder.
"""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the four actions."""
    parser.epilog = EXAMPLES
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = _action(actions, "list", "what there is, the oldest first")
    listing.add_argument("--json", action="store_true", help="print one JSON list")
    show = _action(actions, "show", "one letter and the request in it")
    show.add_argument("ids", nargs=1, metavar="ID", help="as `madang dead list` shows it")
    show.add_argument("--raw", action="store_true", help="write the bytes of the request only")
    _action_on_many(actions, "retry", "put letters back into the queue")
    drop = _action_on_many(actions, "drop", "forget letters")
    drop.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Do what the action says."""
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    async with _dead_letters(options) as dead:
        return await ACTIONS[options.action](dead, options)


@asynccontextmanager
async def _dead_letters(options: argparse.Namespace) -> AsyncIterator["DeadLetters"]:
    loaded = load(options.profile or default_profile(os.environ), os.environ)
    async with linked(loaded.settings.queue, loaded.path) as link:
        from madang.queue.redis.dead import DeadLetters

        yield DeadLetters(link)


async def _list(dead: "DeadLetters", options: argparse.Namespace) -> int:
    from madang.fleet.letters import list_json, list_text

    letters = await dead.all()
    print(list_json(letters) if options.json else list_text(letters))
    return 0


async def _show(dead: "DeadLetters", options: argparse.Namespace) -> int:
    from madang.fleet.letters import show_text

    (letter,) = await _chosen(dead, options.ids)
    if options.raw:
        sys.stdout.buffer.write(await dead.body(letter))
        sys.stdout.buffer.flush()
    else:
        print(show_text(letter, await dead.request(letter)))
    return 0


async def _retry(dead: "DeadLetters", options: argparse.Namespace) -> int:
    from madang.fleet.letters import retried_text

    stayed = 0
    for letter in await _some(dead, options):
        retried = await dead.retry(letter)
        print(retried_text(letter, retried))
        stayed += retried.admission != "ok"
    return 1 if stayed else 0


async def _drop(dead: "DeadLetters", options: argparse.Namespace) -> int:
    from madang.fleet.letters import list_text
    from madang.fleet.words import counted

    letters = await _some(dead, options)
    if letters and not options.yes:
        print(list_text(letters))
        if not _agreed():
            print("nothing was dropped")
            return 1
    await dead.drop(letters)
    print(f"dropped {counted(len(letters), 'dead letter')}")
    return 0


Action = Callable[["DeadLetters", argparse.Namespace], Awaitable[int]]
ACTIONS: dict[str, Action] = {"list": _list, "show": _show, "retry": _retry, "drop": _drop}


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what, description=what)
    add_profile(parser)
    return parser


def _action_on_many(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = _action(actions, name, what)
    parser.add_argument("ids", nargs="*", metavar="ID", help="as `madang dead list` shows it")
    parser.add_argument("--all", action="store_true", help="all that there are")
    return parser


async def _some(dead: "DeadLetters", options: argparse.Namespace) -> Sequence["Letter"]:
    if bool(options.ids) == options.all:
        raise MadangError(f"dead {options.action}: which ones?", "Give their ids, or --all.")
    return await dead.all() if options.all else await _chosen(dead, options.ids)


async def _chosen(dead: "DeadLetters", ids: Sequence[str]) -> Sequence["Letter"]:
    """Find letters by id; of several with one id, the newest."""
    known = {letter.name: letter for letter in await dead.all()}
    for each in ids:
        if each not in known:
            close = difflib.get_close_matches(each, known, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else "`madang dead list` shows them all."
            raise MadangError(f"There is no dead letter '{each}'.", hint)
    return [known[each] for each in dict.fromkeys(ids)]


def _agreed() -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise MadangError("Nobody is there to ask.", "Add --yes to drop without asking.")
    return input("Drop them for good? [y/N] ").strip().lower() in ("y", "yes")
