"""One message that tells how far a job is, and at last what came of it."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from discord.http import MultipartParameters, Route

from madang.delivery import Gone, Growing, Priority, TooFast
from madang_discord.content import Attached, Content, Heading
from madang_discord.kept import Kept
from madang_discord.rest import Hiccup, Refusal
from madang_discord.surface import ChannelSurface
from madang_discord.token_surface import way_to

if TYPE_CHECKING:
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

TOO_LARGE = 40005
DELETED = (10003, 10008)
"""The codes of a channel and of a message that are not there any more."""


class Telling:
    """Change the message of a job; the newest words win, and the end reaches who asked."""

    def __init__(self, talk: "Talk", shown: Kept, under: Attached) -> None:
        self._talk = talk
        self._shown = shown
        self._under = under
        self._lane, self._surface = way_to(talk, shown, shown.key)
        self._growing = self._grow()

    @property
    def deleted(self) -> bool:
        """Say that somebody deleted the message."""
        return _is_deleted(self._growing.gone)

    def say(self, words: str) -> None:
        """Show these words as soon as there is room."""
        self._growing.show([Content(text=words, attached=self._under)])

    async def end(self, content: Content, bare: Content | None = None) -> None:
        """Show what came of it, `bare` where the file is too large.

        Where the message cannot show it, whoever asked is sent it; where the message was deleted,
        only what was made, since nobody wants to know the rest.
        """
        gone = await self._show(content)
        deleted = _is_deleted(gone)
        if gone is None or (deleted and not content.file_name):
            return
        if bare is not None and _too_large(gone):
            await self._show(bare)
            return
        await self._send(content)
        if not deleted:
            await self._show(replace(content, file_name="", file_text=""))

    async def _show(self, content: Content) -> Gone | None:
        """Show the last words; return why that cannot be."""
        if self._growing.gone:
            self._growing = self._grow()
        self._growing.show([content], final=True)
        try:
            await self._growing.finished()
        except Gone as gone:
            _log.info("the end of a job is not shown: %s", gone)
            return gone
        return None

    async def _send(self, content: Content) -> None:
        """Write to who asked; where that is not possible either, it stays unsaid."""
        rest, asker = self._talk.rest, self._shown.asker
        recipient = MultipartParameters({"recipient_id": str(asker)}, None, None)
        try:
            opened = await rest.call(Route("POST", "/users/@me/channels"), recipient)
            channel = int(opened.data["id"])
            lane, heading = self._talk.lanes.of(channel), Heading()
            name = self._shown.key
            surface = ChannelSurface(rest, lane.budget, channel, name=name, heading=heading)

            async def work() -> None:
                await surface.send(content, 0)

            await lane.put(object(), work, Priority.FIRST)
        except (Gone, Hiccup, TooFast) as error:
            _log.info("%d cannot be told of a job: %s", asker, error)

    def _grow(self) -> Growing[Content]:
        return Growing[Content](self._lane, self._surface, messages=[self._shown.message])


def _is_deleted(gone: Gone | None) -> bool:
    return isinstance(gone, Refusal) and gone.code in DELETED


def _too_large(gone: Gone) -> bool:
    return isinstance(gone, Refusal) and (gone.status == 413 or gone.code == TOO_LARGE)
