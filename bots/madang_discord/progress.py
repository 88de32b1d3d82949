"""One message that tells how far something is, and at last what came of it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import discord
from discord import ui

from madang_discord.asking import Asked

_log = logging.getLogger(__name__)

SPACING = 1.5
"""The least seconds between two changes of the message."""


@dataclass
class Telling:
    """Change the answer to an interaction; the newest words win, and the end is always shown.

    The token of an interaction lives for 15 minutes; after that the message is changed as the
    bot's own.
    """

    asked: Asked
    view: ui.View
    _words: str = ""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _message: discord.InteractionMessage | None = None

    def say(self, words: str) -> None:
        """Show these words as soon as there is room."""
        if words != self._words:
            self._words = words
            self._changed.set()

    @contextlib.asynccontextmanager
    async def going(self, words: str) -> AsyncIterator[None]:
        """Show what is said until the end of the block."""
        self._message = await self.asked.edit_original_response(content=words, view=self.view)
        showing = asyncio.create_task(self._show())
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    async def end(self, words: str, file: discord.File | None = None) -> None:
        """Show the last words, with a file, and take the buttons away."""
        await self._edit(words, None, [file] if file else [])

    async def _show(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._edit(self._words, self.view, [])
            except discord.HTTPException as error:
                _log.info("how far it is cannot be shown: %s", error)
            await asyncio.sleep(SPACING)

    async def _edit(self, words: str, view: ui.View | None, files: Sequence[discord.File]) -> None:
        if self._message is None or not self.asked.is_expired():
            await self.asked.edit_original_response(content=words, view=view, attachments=files)
            return
        channel = self.asked.client.get_partial_messageable(self._message.channel.id)
        message = channel.get_partial_message(self._message.id)
        await message.edit(content=words, view=view, attachments=files)
