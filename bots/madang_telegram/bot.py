"""Telegram as a bot: from the options to serving people until it is told to stop."""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.errors import MissingPackage
from madang_telegram.lanes import Pace
from madang_telegram.options import read_options, read_token

if TYPE_CHECKING:
    from madang.models.checks.finding import Finding
    from madang.setup import Setup
    from madang.yard import Yard
    from madang_telegram.application import App
    from madang_telegram.inbox import Inbox
    from madang_telegram.options import TelegramOptions


@dataclass(kw_only=True)
class TelegramBot:
    """Let people talk with the personas on Telegram; `stop` ends it, as a signal does."""

    name: str = "telegram"
    pace: Pace = field(default_factory=Pace)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add nothing: all is in the profile."""

    async def check(self, setup: "Setup") -> AsyncIterator["Finding"]:
        """Look at the token, the rights of the bot and its webhook."""
        from madang_telegram.checking import examine

        async for each in examine(setup, self.name):
            yield each

    async def run(self, yard: "Yard", options: argparse.Namespace) -> int:
        """Serve until somebody stops it."""
        # How python-telegram-bot is to give durations, without a warning each time.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        try:
            from madang_telegram.application import application
            from madang_telegram.inbox import Inbox
        except ImportError as error:
            raise MissingPackage(
                f"The Telegram bot needs a package that is not there: {error.name}.",
                "Install it: pip install 'madang[telegram]'.",
            ) from error
        mine = read_options(yard.setup, self.name)
        inbox = Inbox(yard.store)
        app = application(mine, read_token(mine), inbox)
        with _signals(self.stop):
            serving = asyncio.create_task(self._serve(yard, app, inbox, mine))
            stopping = asyncio.create_task(self.stop.wait())
            try:
                await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if self.ready.is_set() or serving.done():
                    await serving
            finally:
                for task in (serving, stopping):
                    task.cancel()
                await asyncio.wait({serving, stopping})
                with suppress(asyncio.CancelledError):
                    await app.shutdown()
                    # Where the start failed nothing has begun, but connections are open.
                    await app.bot.shutdown()
        return 0

    async def _serve(
        self, yard: "Yard", app: "App", inbox: "Inbox", options: "TelegramOptions"
    ) -> None:
        from madang_telegram.receiving import connected
        from madang_telegram.serving import serving

        await connected(app.initialize, self.pace.retry)
        async with serving(yard, app, inbox, options, self.pace):
            self.ready.set()
            await self.stop.wait()


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Stop at SIGTERM and Ctrl-C, where the system lets one."""
    loop, both = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for each in both:
            loop.add_signal_handler(each, stop.set)
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for each in both:
                loop.remove_signal_handler(each)
