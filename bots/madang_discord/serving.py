"""The bot at work: it listens until it is told to stop, and listens again when that fails."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp
import discord

from madang.errors import SettingsError
from madang.yard import Yard
from madang_discord.answers import Answers
from madang_discord.awaiting import Awaiting
from madang_discord.buttons import Controls
from madang_discord.commands import Commands
from madang_discord.ears import Ears
from madang_discord.features import Feature
from madang_discord.generating import Generating
from madang_discord.hearing import Hearing
from madang_discord.housekeeping import Housekeeping
from madang_discord.jobs import Jobs
from madang_discord.limits import Limits
from madang_discord.options import DiscordOptions, token_of
from madang_discord.places import BOT
from madang_discord.portal import Introduction, introduced
from madang_discord.rest import LOST, Rest
from madang_discord.settings import Settings
from madang_discord.talk import Talk
from madang_discord.webhooks import Webhooks

_log = logging.getLogger(__name__)

FEATURES: Sequence[Callable[[Talk], Feature]] = (
    Limits,
    Awaiting,
    Housekeeping,
    Settings,
    Jobs,
    Generating,
    Controls,
    Commands,
)
"""In the order in which they are asked: limits see every question and every answer first."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
"""Discord lets a bot begin 1,000 sessions a day and then resets its token."""
LONGEST_SEARCH = 60.0
WATCH_SECONDS = 5.0
STOP_SECONDS = 15.0
"""How long running answers may take to show what they have when the bot stops."""


async def serve(yard: Yard, options: DiscordOptions) -> int:
    """Serve until SIGTERM or SIGINT; `SettingsError` where Discord knows no such token."""
    token = token_of(options)
    # At "debug" it would log what people say.
    logging.getLogger("discord").setLevel(logging.WARNING)
    stopping = asyncio.Event()
    with _signals(stopping):
        found = await _introduced(token, stopping)
        if found is None:
            return 0
        async with aiohttp.ClientSession() as session:
            serving = Serving(
                yard=yard,
                options=options,
                token=token,
                found=found,
                rest=Rest(session, token),
                stopping=stopping,
            )
            await serving.run()
    return 0


@dataclass(kw_only=True)
class Serving:
    """Hold one run of the bot; `stopping` ends it."""

    yard: Yard
    options: DiscordOptions
    token: str
    found: Introduction
    rest: Rest
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    talk: Talk = field(init=False)
    hearing: Hearing = field(init=False)

    def __post_init__(self) -> None:
        """Put the parts together."""
        self.talk = Talk(
            yard=self.yard,
            options=self.options,
            rest=self.rest,
            webhooks=Webhooks(
                rest=self.rest, application=self.found.application, name=self.found.user.name
            ),
            me=self.found.user,
            reads=self.found.reads,
        )
        self.talk.answers = Answers(talk=self.talk)
        self.hearing = Hearing(talk=self.talk)
        self.talk.features = [make(self.talk) for make in FEATURES]
        self.yard.conversations.options.languages[BOT.key] = self.talk.locale

    async def run(self) -> None:
        """Listen until told to stop, and stop so that nothing is lost."""
        _log.info("this is %s (%d)", self.found.user, self.found.user.id)
        for warning in self.found.warnings:
            _log.warning("%s", warning)
        await self.yard.conversations.open(BOT.key, self.talk.answers.deliver)
        self.yard.monitor.ready(platform=self._why_deaf)
        told = asyncio.create_task(self.stopping.wait())
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait({told, listening}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            told.cancel()
            self.talk.closing = True
            for feature in self.talk.features:
                await feature.close()
            await _cancelled(listening)
            await self._finish()

    async def _listen(self) -> None:
        """Connect, and connect anew whenever a connection fails for good."""
        pause = FIRST_PAUSE
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                await self._connection()
                _log.warning("the connection has ended")
            except discord.LoginFailure as error:
                raise unknown_token() from error
            except discord.PrivilegedIntentsRequired:
                self.talk.reads = False
                _log.warning("Discord refuses the message content intent; going on without it")
            except Exception as error:  # noqa: BLE001 - what discord.py cannot read ends it with any error
                _log.warning("the connection failed: %s: %s", type(error).__name__, error)
            if asyncio.get_running_loop().time() - begun > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _connection(self) -> None:
        """Listen over one connection until it fails, or is found to be deaf."""
        client = Ears(self.talk, self.hearing)
        async with client:
            self.talk.client = client
            running = asyncio.create_task(client.start(self.token))
            try:
                while not running.done():
                    await asyncio.wait({running}, timeout=WATCH_SECONDS)
                    if client.health.given_up:
                        _log.warning("listening anew: %s", client.health.why_deaf())
                        return
                running.result()
            finally:
                await client.close()
                await _cancelled(running)

    async def _finish(self) -> None:
        """Let running answers show the text that they have; what stays open is for the next."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.yard.conversations.close()
        except TimeoutError:
            _log.warning("some answers are not shown whole; the next start shows them")
        self.talk.answers.abandon()
        await self.talk.lanes.close()

    async def _why_deaf(self) -> str:
        client = self.talk.client
        return "It has not connected yet." if client is None else client.health.why_deaf()


async def _introduced(token: str, stopping: asyncio.Event) -> Introduction | None:
    """Ask Discord who the bot is, as long as it takes; None when told to stop meanwhile."""
    pause = FIRST_PAUSE
    while not stopping.is_set():
        try:
            return await introduced(token)
        except discord.LoginFailure as error:
            raise unknown_token() from error
        except discord.RateLimited as limited:
            pause = max(pause, limited.retry_after)
            _log.warning("Discord wants no calls; again in %.0f s", pause)
        except LOST as error:
            _log.warning("Discord cannot be reached: %s; again in %g s", error, pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
        pause = min(pause * 2, LONGEST_SEARCH)
    return None


def unknown_token() -> SettingsError:
    """Word that Discord does not know the token."""
    return SettingsError(
        "Discord does not know this token.",
        "It may have been reset: copy a new one from https://discord.com/developers/applications, "
        "Bot, Reset Token.",
    )


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


@contextlib.contextmanager
def _signals(stopping: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
