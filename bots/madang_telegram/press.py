"""A press of a button."""

import logging
from dataclasses import dataclass, field
from functools import partial

from telegram import CallbackQuery, InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from madang.contract import Author
from madang.texts import Texts
from madang_telegram.desk import Desk
from madang_telegram.keyboards import STOP
from madang_telegram.places import Spot, author_as, spot_of_query
from madang_telegram.room import Room
from madang_telegram.surface import NO_PREVIEW

_log = logging.getLogger(__name__)

LONGEST_TOAST = 200


@dataclass(frozen=True, kw_only=True)
class Press:
    """Hold a button that somebody pressed: its `name`, and what it is `about`, often a turn."""

    room: Room
    query: CallbackQuery
    _answers: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return which button it is."""
        return (self.query.data or "").partition(":")[0]

    @property
    def about(self) -> str:
        """Return what its data says beside the name."""
        return (self.query.data or "").partition(":")[2]

    @property
    def desk(self) -> Desk:
        """Return what buttons act through."""
        return self.room.desk

    @property
    def spot(self) -> Spot:
        """Return where it was pressed."""
        return spot_of_query(self.query)

    @property
    def person(self) -> Author:
        """Return who pressed it."""
        return author_as(self.query.from_user)

    @property
    def texts(self) -> Texts:
        """Return the words for who pressed it."""
        return self.desk.texts(self.spot.place, self.person.id)

    @property
    def valid(self) -> bool:
        """Say whether the message has such a button; data may be made up, or be of another one.

        The button that stops an answer may be gone just now, under the finger.
        """
        message = self.query.message
        if not isinstance(message, Message):
            # Its topic is not known either.
            return False
        rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
        return self.name == STOP or any(
            each.callback_data == self.query.data for row in rows for each in row
        )

    async def answer(self, toast: str = "") -> None:
        """Let the button rest, once, and tell who pressed it something."""
        if self._answers:
            return
        self._answers.append(toast)
        try:
            await self.query.answer(toast[:LONGEST_TOAST] or None)
        except TelegramError as error:
            _log.info("a press was answered too late: %s", error)

    async def rewrite(
        self, text: str, keyboard: InlineKeyboardMarkup | None = None, *, toast: str = ""
    ) -> None:
        """Answer, then change what stands above the button, which may have to wait."""
        await self.answer(toast)
        edit = partial(
            self.query.edit_message_text,
            text,
            reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )
        await self.desk.call(self.spot, edit)
