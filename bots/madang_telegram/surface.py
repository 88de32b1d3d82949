"""The messages of one answer, as they are written on Telegram."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest

from madang.delivery import Gone, Missing, TooFast
from madang_telegram.calls import SAME, Moved, called
from madang_telegram.desk import Desk
from madang_telegram.places import Spot
from madang_telegram.styled import Styled, plain

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
LONGEST_RETRY = 30.0
# Refusals of an edit that have nothing to do with what it holds.
AS_TEXT = (SAME, "message to edit not found", "message_id_invalid")
# What a server says that takes no notice of the document.
UNKNOWN = "text is empty"


@dataclass(frozen=True)
class Content:
    """Hold what one message shows: text, or a document as `html`, and buttons under it.

    `final` is what may not be missed; messages that differ only in that are the same.
    """

    styled: Styled
    keyboard: InlineKeyboardMarkup | None = None
    final: bool = field(default=False, compare=False)
    html: str = ""


BEGUN = Content(plain("…"), final=True)
"""What every message is at first."""


class NotRich(Exception):
    """Say that a document is not taken: what it holds has to be shown as text."""


@dataclass(kw_only=True)
class Messages:
    """Write the messages of an answer; `sent` hears the id of each, and says whether to go on.

    Where a group becomes a supergroup, its messages have ids there that nobody knows.
    """

    desk: Desk
    spot: Spot
    sent: Callable[[str], Awaitable[bool]]
    reply_to: int = 0
    _failures: int = 0
    _unwanted: str = ""
    _refused: str = ""
    _since_moved: set[str] = field(default_factory=set)

    async def send(self, content: Content, number: int) -> str:
        """Send a message; the first one answers the question's."""
        chat = self.desk.now_at(self.spot.chat)
        answering = number == 0 and self.reply_to and not (self.spot.private or self._moved)
        reply = ReplyParameters(self.reply_to, allow_sending_without_reply=True)

        async def send() -> Message:
            return await self.desk.bot.send_message(
                chat,
                content.styled.text,
                entities=content.styled.entities(),
                message_thread_id=self.spot.thread,
                reply_markup=content.keyboard,
                reply_parameters=reply if answering else None,
                link_preview_options=NO_PREVIEW,
            )

        if not self._unwanted:
            try:
                message = await self._called(send, content)
            except Missing as moved:
                raise TooFast(0) from moved
            identity = str(message.message_id) if message else ""
            if chat != self.spot.chat:
                self._since_moved.add(identity)
            if await self.sent(identity):
                return identity
            self._unwanted = identity
        # Where this is turned away it is tried again from the top, and must not send another one.
        await self.delete(self._unwanted)
        raise Gone("the answer was deleted")

    async def edit(self, message: str, content: Content) -> None:
        """Change a message; raises `NotRich` for a document that is refused."""
        if self._left_behind(message):
            raise Missing("the group has moved")
        if content.html:
            await self._enriched(message, content)
            return
        try:
            await self._edited(message, content, plain=False)
        except BadRequest as error:
            # Whatever is wrong with the styles or buttons: the text arrives.
            _log.error("Telegram refuses a message, which is shown without styles: %s", error)
            await self._edited(message, content, plain=True)

    async def delete(self, message: str) -> None:
        """Delete a message; one that is too old stays."""
        if self._left_behind(message):
            return
        chat = self.desk.now_at(self.spot.chat)
        try:
            await self._called(lambda: self.desk.bot.delete_message(chat, int(message)), None)
        except (BadRequest, Missing) as error:
            _log.info("a message was not deleted: %s", error)

    @property
    def _moved(self) -> bool:
        return self.desk.now_at(self.spot.chat) != self.spot.chat

    def _left_behind(self, message: str) -> bool:
        return self._moved and message not in self._since_moved

    async def _edited(self, message: str, content: Content, *, plain: bool) -> None:
        async def edit() -> object:
            return await self.desk.bot.edit_message_text(
                content.styled.text,
                chat_id=self.desk.now_at(self.spot.chat),
                message_id=int(message),
                entities=None if plain else content.styled.entities(),
                reply_markup=None if plain else content.keyboard,
                link_preview_options=NO_PREVIEW,
            )

        await self._called(edit, content)

    async def _enriched(self, message: str, content: Content) -> None:
        if self._refused:
            raise NotRich(self._refused)

        async def edit() -> None:
            try:
                shown = await self.desk.bot.edit_message_text(
                    "",
                    chat_id=self.desk.now_at(self.spot.chat),
                    message_id=int(message),
                    reply_markup=content.keyboard,
                    api_kwargs={"rich_message": {"html": content.html}},
                )
            except BadRequest as error:
                if any(words in error.message.lower() for words in AS_TEXT):
                    raise
                self._refuse(error.message)
            else:
                if isinstance(shown, Message) and "rich_message" not in shown.api_kwargs:
                    self._refuse(UNKNOWN)

        await self._called(edit, content)

    def _refuse(self, why: str) -> NoReturn:
        """Note that a document is not taken; a server that knows none is not asked again."""
        _log.info("an answer is shown as text, not as a rich message: %s", why)
        self._refused = why
        if UNKNOWN in why.lower():
            self.desk.rich = False
        raise NotRich(why)

    async def _called(
        self, call: Callable[[], Awaitable[Result]], content: Content | None
    ) -> Result | None:
        self._wait_for_all(content)
        retry = min(self.desk.pace.retry * 2**self._failures, LONGEST_RETRY)
        try:
            result = await called(call, retry)
        except TooFast:
            self._failures = min(self._failures + 1, 10)
            raise
        except Moved as moved:
            await self.desk.moved(self.spot.chat, moved.chat)
            raise Missing("the group has moved") from moved
        self._failures = 0
        return result

    def _wait_for_all(self, content: Content | None) -> None:
        """Leave calls to others where the bot has made all it may make in this second."""
        overall, now = self.desk.lanes.overall, asyncio.get_running_loop().time()
        preview = content is not None and not content.final
        if (delay := overall.delay(now, preview=preview)) > 0:
            raise TooFast(delay)
        overall.spend(now, preview=preview)
