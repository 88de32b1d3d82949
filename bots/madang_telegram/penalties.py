"""Penalties of chats, kept over a restart: Telegram lengthens those that are not waited out."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from madang.contract import Store
from madang.delivery import Budget
from madang.delivery.budget import Window
from madang.errors import MadangError
from madang_telegram.places import BOT

_log = logging.getLogger(__name__)

NOTES = "penalty/"
LEAST_SECONDS = 5.0
"""Shorter ones are over by the time that a process has started."""

Note = Callable[[float], None]
"""Hear that a chat may not be written to for so many seconds."""


class Noted(Budget):
    """Be a budget of which every pause is told."""

    def __init__(self, note: Note, *windows: Window, spacing: float) -> None:
        super().__init__(*windows, spacing=spacing)
        self._note = note

    def pause(self, now: float, seconds: float) -> None:
        """Make no call for so long, and tell of it."""
        super().pause(now, seconds)
        self._note(seconds)


@dataclass(kw_only=True)
class Penalties:
    """Keep a note of every chat's penalty until it is over."""

    store: Store
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def note(self, chat: int, seconds: float) -> None:
        """Note that a chat may not be written to for so long."""
        if seconds >= LEAST_SECONDS:
            task = asyncio.create_task(self._keep(chat, time.time() + seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def left(self) -> dict[int, float]:
        """Return how many seconds chats have still to wait, and let go of what is over."""
        found: dict[int, float] = {}
        for key, until in (await self.store.kept(BOT, NOTES)).items():
            seconds = float(until) - time.time()
            if seconds > 0:
                found[int(key.removeprefix(NOTES))] = seconds
            else:
                await self.store.let_go(BOT, key)
        return found

    async def _keep(self, chat: int, until: float) -> None:
        try:
            await self.store.keep(BOT, f"{NOTES}{chat}", repr(until))
        except MadangError as error:
            _log.warning("the penalty of chat %d is not kept: %s", chat, error)
