"""In which order updates are worked on: one at a time in a chat and topic, stops at once."""

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from madang_telegram.inbox import Inbox
from madang_telegram.places import Spot, command_in, spot_of

# What waits for others in its chat counts too, and may not hold up other chats.
MOST = 1 << 16


class InOrder(BaseUpdateProcessor):
    """Keep the order of each chat and topic, and let many of them go on beside each other."""

    __slots__ = ("_inbox", "_locks")

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(MOST)
        self._inbox = inbox
        self._locks: WeakValueDictionary[Spot, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Work on an update when those before it in its chat and topic are done.

        What still waits when the inbox is closed is left to the next start.
        """
        spot = _waits_at(update)
        try:
            async with self._locks.setdefault(spot, asyncio.Lock()) if spot else nullcontext():
                if self._inbox.closed:
                    return
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()
        await self._inbox.done(update)

    async def initialize(self) -> None:
        """Need nothing."""

    async def shutdown(self) -> None:
        """Leave nothing behind."""


def _waits_at(update: object) -> Spot | None:
    """Return where an update waits for others; None for buttons, stops and what has no chat."""
    if isinstance(update, Update) and update.my_chat_member:
        # Whether the bot may talk in a group is known before anybody talks there.
        return Spot(update.my_chat_member.chat.id)
    message = update.effective_message if isinstance(update, Update) else None
    if not isinstance(update, Update) or message is None or update.callback_query:
        return None
    if message.migrate_to_chat_id:
        # What is said in the new group comes after all that was taken along.
        return Spot(message.migrate_to_chat_id)
    return None if command_in(message)[0] == "stop" else spot_of(message)
