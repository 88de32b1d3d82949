"""Showing answers: each in a task of its own, until people see the whole."""

import asyncio
import logging
from dataclasses import dataclass, field

from madang.conversation import Reply
from madang.delivery import Gone
from madang_telegram.answer import Answer
from madang_telegram.desk import Desk, all_of

_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Showing:
    """Show every answer of the bot."""

    desk: Desk
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver(self, reply: Reply) -> None:
        """Show an answer; returns when people see the whole of it."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await Answer(desk=self.desk, reply=reply).show()
        except Gone as gone:
            _log.info("%s cannot be written to any more: %s", reply.place.key, gone)

    async def close(self) -> None:
        """Wait for what is being shown, but not for long; the next start shows the rest."""
        await all_of(set(self._tasks), self.desk.pace.patience)
