"""What `madang bot NAME --check` looks at: the bot's own affairs, and what every bot needs."""

from collections.abc import AsyncIterator, Iterator
from typing import Protocol, runtime_checkable

from madang.contract import Bot, Place
from madang.errors import MadangError, SwitchedOff
from madang.models.checks.finding import Finding
from madang.operating.reach import reaching
from madang.setup import Setup


@runtime_checkable
class Checkable(Protocol):
    """Look whether a bot could serve; a bot with this takes `--check`."""

    def check(self, setup: Setup) -> AsyncIterator[Finding]:
        """Give what was found, each with the next step where something is wrong."""
        ...


async def examine_bot(setup: Setup, bot: Bot) -> AsyncIterator[Finding]:
    """Look at the profile, the personas and the queue, and at what the bot itself needs."""
    yield Finding("ok", "profile", str(setup.live.loaded.path))
    for complaint in setup.complaints:
        yield Finding("warning", "profile", complaint)
    for each in _personas(setup, Place(bot.name)):
        yield each
    yield await _queue(setup)
    if isinstance(bot, Checkable):
        async for each in bot.check(setup):
            yield each


def _personas(setup: Setup, place: Place) -> Iterator[Finding]:
    able = []
    for info in setup.personas(place):
        if info.problem is None:
            able.append(info.persona.name)
        elif not isinstance(info.problem, SwitchedOff):
            yield Finding("warning", "persona", info.problem.message, info.problem.hint)
    if able:
        yield Finding("ok", "persona", ", ".join(able))
    else:
        hint = f"`madang personas --profile {setup.profile_argument}` says why."
        yield Finding("failure", "persona", "nobody can answer.", hint)


async def _queue(setup: Setup) -> Finding:
    try:
        async with reaching(setup) as queue:
            why = await queue()
    except MadangError as error:
        return Finding("failure", "queue", error.message, error.hint)
    if why:
        return Finding("failure", "queue", why, "Start the server, or correct [queue].")
    return Finding("ok", "queue", setup.settings.queue.kind)
