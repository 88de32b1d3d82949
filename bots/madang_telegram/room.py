"""The room: what commands and buttons act on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from madang.texts import Texts
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.hearing import Hearing
from madang_telegram.listening import Listening
from madang_telegram.styled import Styled

if TYPE_CHECKING:
    from madang_telegram.jobs import Jobs


@dataclass(frozen=True, kw_only=True)
class Room:
    """Hold what commands act on: the desk, who takes questions, and jobs."""

    desk: Desk
    hearing: Hearing
    listening: Listening
    jobs: "Jobs"

    def texts(self, heard: Heard) -> Texts:
        """Return the words for who said something."""
        return self.desk.texts(heard.place, heard.author.id)

    async def say(self, heard: Heard, key: str, **values: object) -> None:
        """Answer a command in words of the bot's own."""
        await self.tell(heard, self.texts(heard)(key, **values))

    async def tell(
        self, heard: Heard, text: str | Styled, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer a command with a text, and buttons under it."""
        await self.desk.tell(heard.spot, text, reply_to=heard.message_id, keyboard=keyboard)
